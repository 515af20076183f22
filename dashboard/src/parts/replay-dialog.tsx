/** The button that gives past events to a plugin again. It is a dry run unless the reader says otherwise. */
import { useEffect, useRef, useState } from "preact/hooks";
import { change, Refusal } from "../api/ask.ts";
import type { Replay, ReplayPlan } from "../api/shapes.ts";
import { count } from "../format.ts";
import { go } from "../route.ts";
import { useAsking } from "./asking.ts";
import { DialogEnd } from "./dialog-end.tsx";
import { PlaceField, placeOf } from "./place.tsx";
import { pluginPath } from "./plugin-link.tsx";

export function ReplayDialog({ plugin }: { plugin: string }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [from, setFrom] = useState("");
  const [to, setTo] = useState("");
  const [why, setWhy] = useState("");
  const [dryRun, setDryRun] = useState(true);
  const [keepGoing, setKeepGoing] = useState(false);
  const { busy, trouble, run } = useAsking();
  const act = async (event: Event) => {
    event.preventDefault();
    await run(async () => {
      const asked = { ...rangeOf(from, to), dryRun, keepGoing: dryRun || keepGoing, why };
      const { id } = await change<Replay>(`${pluginPath(plugin)}/replays`, asked);
      dialog.current?.close();
      go(`/replays/${id}`);
    });
  };
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Replay
      </button>
      <dialog ref={dialog} aria-label="Replay">
        <form class="asks" onSubmit={act}>
          <h2>Give {plugin} past events again</h2>
          <PlaceField label="From: event id, or time" value={from} onValue={setFrom} required />
          <PlaceField label="To (optional)" value={to} onValue={setTo} />
          <Plan plugin={plugin} from={from} to={to} />
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

const TYPED_MS = 400;

/** Which events that would be, before anything is done; nothing while it cannot be told. */
function Plan({ plugin, from, to }: { plugin: string; from: string; to: string }) {
  const [plan, setPlan] = useState<ReplayPlan | null>(null);
  useEffect(() => {
    setPlan(null);
    let left = false;
    const timer = setTimeout(async () => {
      try {
        const range = rangeOf(from, to);
        if (from.trim() === "") return;
        const fresh = await change<ReplayPlan>(`${pluginPath(plugin)}/replays`, { ...range, plan: true });
        if (!left) setPlan(fresh);
      } catch (thrown) {
        // the button says what is wrong
        if (!(thrown instanceof Refusal) && !(thrown instanceof RangeError)) throw thrown;
      }
    }, TYPED_MS);
    return () => {
      left = true;
      clearTimeout(timer);
    };
  }, [from, to]);
  return (
    <p class="quiet" role="status">
      {plan &&
        `Events ${plan.first} to ${plan.last}: ${count(plan.last - plan.first + 1)} ids${plan.heldFrom === plan.first ? "" : plan.heldFrom === null ? "; the site is asked for them" : `; the site is asked for those before ${plan.heldFrom}`}.`}
    </p>
  );
}

/** @throws RangeError for what is neither an id nor a time */
function rangeOf(from: string, to: string): Record<string, unknown> {
  const [first, last] = [placeOf(from), placeOf(to)];
  return {
    ...(first && ("id" in first ? { fromId: first.id } : { fromTime: first.time })),
    ...(last && ("id" in last ? { toId: last.id } : { toTime: last.time })),
  };
}
