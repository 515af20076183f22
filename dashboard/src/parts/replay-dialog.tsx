/** The button that gives past events to a plugin again. It is a dry run unless the reader says otherwise. */
import { useRef, useState } from "preact/hooks";
import { change, Refusal } from "../api/ask.ts";
import type { Replay } from "../api/shapes.ts";
import { go } from "../route.ts";
import { DialogEnd } from "./dialog-end.tsx";

export function ReplayDialog({ plugin }: { plugin: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [why, setWhy] = useState("");
  const [dryRun, setDryRun] = useState(true);
  const [keepGoing, setKeepGoing] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setTrouble(null);
    try {
      const asked = {
        ...place("from", from),
        ...place("to", to),
        dryRun,
        keepGoing: dryRun || keepGoing,
        why,
      };
      const { id } = await change<Replay>(`/plugins/${encodeURIComponent(plugin)}/replays`, asked);
      dialog.current?.close();
      go(`/replays/${id}`);
    } catch (thrown) {
      if (!(thrown instanceof Refusal) && !(thrown instanceof RangeError)) throw thrown;
      setTrouble([thrown.message, thrown instanceof Refusal ? thrown.hint : null].filter(Boolean).join(" "));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Replay
      </button>
      <dialog ref={dialog} aria-label="Replay">
        <form class="replay" onSubmit={act}>
          <h2>Give {plugin} past events again</h2>
          <Place label="From: event id, or time" value={from} onValue={setFrom} required />
          <Place label="To (optional)" value={to} onValue={setTo} />
          <fieldset>
            <legend>What it writes to the site</legend>
            <label class="choice">
              <input type="radio" name="kind" checked={dryRun} onChange={() => setDryRun(true)} />
              Catch it and show the differences (dry run)
            </label>
            <label class="choice">
              <input type="radio" name="kind" checked={!dryRun} onChange={() => setDryRun(false)} />
              Let it through
            </label>
          </fieldset>
          <p>
            {dryRun
              ? `${plugin} runs in a host of its own, beside its normal flow. It reads the site and does not change it. What it does without sg, such as mail or files, it does.`
              : `${plugin} acts on these events as on new ones, beside its normal flow: what it did for them before, it does twice. Its cursor stays where it is.`}
          </p>
          {!dryRun && (
            <label class="choice">
              <input type="checkbox" checked={keepGoing} onChange={() => setKeepGoing(!keepGoing)} />
              Go on after events that fail
            </label>
          )}
          <DialogEnd
            label={dryRun ? "Dry run" : "Replay"}
            dangerous={!dryRun}
            busy={busy}
            why={why}
            needsWhy={!dryRun}
            onWhy={setWhy}
            trouble={trouble}
            onCancel={() => dialog.current?.close()}
          />
        </form>
      </dialog>
    </>
  );
}

interface PlaceProps {
  label: string;
  value: string;
  onValue(value: string): void;
  required?: boolean;
}

function Place({ label, value, onValue, required = false }: PlaceProps) {
  return (
    <label>
      {label}
      <input
        required={required}
        placeholder="18233411, or 2026-11-20 08:00"
        value={value}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
    </label>
  );
}

/** A time without a zone is the reader's own. @throws RangeError when it is neither */
function place(end: "from" | "to", text: string): Record<string, unknown> {
  const given = text.trim();
  if (given === "") return {};
  if (/^\d+$/.test(given)) return { [`${end}Id`]: Number(given) };
  const time = new Date(given);
  if (Number.isNaN(time.getTime()))
    throw new RangeError(`“${given}” is no event id, and no time such as 2026-11-20 08:00.`);
  return { [`${end}Time`]: time.toISOString() };
}
