/** A button that changes something. It says what will happen and asks before it does; what the daemon refuses is said beside it. */
import { useRef, useState } from "preact/hooks";
import { change, Refusal } from "../api/ask.ts";
import { refresh } from "../api/live.ts";
import { DialogEnd } from "./dialog-end.tsx";

export interface DeedProps {
  label: string;
  /** Plugins that it is done to, one after the other. */
  plugins?: readonly string[];
  action?: "retry" | "skip" | "pause" | "resume" | "reload";
  /** The request, where it is not one about plugins. */
  path?: string;
  /** What will happen, in a sentence. */
  says: string;
  /** For `skip`: the event, or that of each plugin. */
  eventId?: number | Readonly<Record<string, number>>;
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
    const requests = path
      ? [{ to: path, at: undefined }]
      : plugins.map((plugin) => {
          const at = typeof eventId === "object" ? eventId[plugin] : eventId;
          return { to: `/plugins/${encodeURIComponent(plugin)}/${action}`, at };
        });
    const refusals: string[] = [];
    for (const { to, at } of requests) {
      try {
        await change(to, { why, ...(at === undefined ? {} : { eventId: at }) });
      } catch (thrown) {
        if (!(thrown instanceof Refusal)) throw thrown;
        refusals.push([thrown.message, thrown.hint].filter(Boolean).join(" "));
      }
    }
    setBusy(false);
    setTrouble(refusals.join(" ") || null);
    if (refusals.length === 0) {
      dialog.current?.close();
      setWhy("");
    }
    await refresh();
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
          <DialogEnd
            label={label}
            dangerous={dangerous}
            busy={busy}
            why={why}
            needsWhy={needsWhy}
            onWhy={setWhy}
            trouble={trouble}
            onCancel={() => dialog.current?.close()}
          />
        </form>
      </dialog>
    </>
  );
}
