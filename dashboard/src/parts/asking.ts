/** What a dialog asks of the daemon: one thing at a time, and what was refused is told in its own words. */
import { useState } from "preact/hooks";
import { Refusal } from "../api/ask.ts";

export interface Asking {
  busy: boolean;
  trouble: string | null;
  /** @returns whether all went well; a Refusal or RangeError is told, anything else thrown */
  run(work: () => Promise<void>): Promise<boolean>;
}

export function useAsking(): Asking {
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setTrouble(null);
    try {
      await work();
      return true;
    } catch (thrown) {
      if (!(thrown instanceof Refusal) && !(thrown instanceof RangeError)) throw thrown;
      setTrouble(wordsOf(thrown));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, trouble, run };
}

export function wordsOf(thrown: Refusal | RangeError): string {
  return [thrown.message, thrown instanceof Refusal ? thrown.hint : null].filter(Boolean).join(" ");
}
