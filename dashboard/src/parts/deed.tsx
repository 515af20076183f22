/** A button that changes something. It says what will happen and asks before it does; what the daemon refuses is said beside it. */
import { useRef, useState } from "preact/hooks";
import { change, Refusal } from "../api/ask.ts";
import { refresh } from "../api/live.ts";
import { useAsking, wordsOf } from "./asking.ts";
import { DialogEnd } from "./dialog-end.tsx";
import { pluginPath } from "./plugin-link.tsx";

export interface DeedProps {
  label: string;
  /** Plugins that it is done to, one after the other. */
  plugins?: readonly string[];
  action?: "retry" | "skip" | "pause" | "resume" | "reload" | "adopt";
  /** The request, where it is not one about plugins. */
  path?: string;
  /** What will happen, in a sentence. */
  says: string;
  /** For `skip`: the event, or that of each plugin. */
  eventId?: number | Readonly<Record<string, number>>;
  dangerous?: boolean;
  /** Whether it can be done now; false: there is no button, but a question that is open stays. Default: true. */
  offered?: boolean;
}

export function Deed(offer: DeedProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  // what was asked stays asked, whatever happens meanwhile: what somebody has read is what is done
  const [asked, setAsked] = useState<DeedProps | null>(null);
  const { label, plugins = [], action, path, says, eventId, dangerous = false } = asked ?? offer;
  const [why, setWhy] = useState("");
  const { busy, trouble, run } = useAsking();
  const open = () => {
    setAsked(offer);
    dialog.current?.showModal();
  };
  const act = async (event: Event) => {
    event.preventDefault();
    const requests = path
      ? [{ to: path, at: undefined }]
      : plugins.map((plugin) => {
          const at = typeof eventId === "object" ? eventId[plugin] : eventId;
          return { to: `${pluginPath(plugin)}/${action}`, at };
        });
    const done = await run(() => all(requests, why));
    if (done) {
      dialog.current?.close();
      setWhy("");
    }
    await refresh();
  };
  return (
    <>
      {offer.offered !== false && (
        <button type="button" class={offer.dangerous ? "dangerous" : ""} onClick={open}>
          {offer.label}
        </button>
      )}
      <dialog ref={dialog} aria-label={label} onClose={() => setAsked(null)}>
        <form onSubmit={act}>
          <h2>{label}</h2>
          <p>{says}</p>
          <DialogEnd
            label={label}
            dangerous={dangerous}
            busy={busy}
            why={why}
            needsWhy={action === "skip"}
            onWhy={setWhy}
            trouble={trouble}
            onCancel={() => dialog.current?.close()}
          />
        </form>
      </dialog>
    </>
  );
}

/** One that is refused does not keep the others from being done. @throws Refusal in the words of all that were */
async function all(requests: readonly { to: string; at: number | undefined }[], why: string): Promise<void> {
  const refusals: Refusal[] = [];
  for (const { to, at } of requests) {
    try {
      await change(to, { why, ...(at === undefined ? {} : { eventId: at }) });
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      refusals.push(thrown);
    }
  }
  const [first] = refusals;
  if (first) throw new Refusal(first.status, refusals.map(wordsOf).join(" "), null);
}
