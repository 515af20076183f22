/** An answer of the API for a page: asked for when the page opens, and again whenever the daemon may have another one. */
import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useState } from "preact/hooks";
import { ask, Refusal } from "./ask.ts";
import { changes } from "./live.ts";

export interface Asked<Answer> {
  /** The last answer, kept while the next is under way and while the daemon is away; null before the first. */
  answer: Answer | null;
  refusal: Refusal | null;
  again(): void;
}

/**
 * @param path null: nothing is asked
 * @param when asked again when it moves
 */
export function useAnswer<Answer>(
  path: string | null,
  when: ReadonlySignal<number> = changes,
): Asked<Answer> {
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [turn, setTurn] = useState(0);
  useEffect(() => setAnswer(null), [path]);
  useEffect(() => {
    if (path === null) return;
    const left = new AbortController();
    ask<Answer>(path, left.signal).then(
      (fresh) => {
        setAnswer(fresh);
        setRefusal(null);
      },
      (thrown: unknown) => {
        if (thrown instanceof Refusal) setRefusal(thrown);
      },
    );
    return () => left.abort();
  }, [path, when.value, turn]);
  return { answer, refusal, again: () => setTurn((number) => number + 1) };
}
