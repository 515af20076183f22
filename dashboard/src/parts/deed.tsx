/** A button that changes something. It says what will happen and asks before it does; what the daemon refuses is said beside it. */
import { useRef, useState } from "preact/hooks";
import { change, Refusal } from "../api/ask.ts";
import { refresh } from "../api/live.ts";

export interface DeedProps {
  label: string;
  /** Plugins that it is done to, one after the other. */
  plugins?: readonly string[];
  action?: "retry" | "skip" | "pause" | "resume" | "reload";
  /** The request, where it is not one about plugins. */
  path?: string;
  /** What will happen, in a sentence. */
  says: string;
  /** For `skip`. */
  eventId?: number;
  dangerous?: boolean;
}

export function Deed({ label, plugins = [], action, path, says, eventId, dangerous = false }: DeedProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [why, setWhy] = useState("");
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const needsWhy = action === "skip";
  const act = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setTrouble(null);
    try {
      const paths = path
        ? [path]
        : plugins.map((plugin) => `/plugins/${encodeURIComponent(plugin)}/${action}`);
      for (const one of paths) await change(one, { why, ...(eventId === undefined ? {} : { eventId }) });
      dialog.current?.close();
      setWhy("");
      await refresh();
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      setTrouble([thrown.message, thrown.hint].filter(Boolean).join(" "));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" class={dangerous ? "dangerous" : ""} onClick={() => dialog.current?.showModal()}>
        {label}
      </button>
      <dialog ref={dialog} aria-label={label}>
        <form onSubmit={act}>
          <h2>{label}</h2>
          <p>{says}</p>
          <label>
            Why{needsWhy ? "" : " (optional)"}
            <input
              required={needsWhy}
              maxLength={1000}
              value={why}
              onInput={(event) => setWhy(event.currentTarget.value)}
            />
          </label>
          {trouble && (
            <p class="trouble" role="alert">
              {trouble}
            </p>
          )}
          <p class="deeds">
            <button type="submit" class={dangerous ? "dangerous" : "main"} disabled={busy}>
              {label}
            </button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Cancel
            </button>
          </p>
        </form>
      </dialog>
    </>
  );
}
