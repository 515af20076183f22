/** The button that moves a plugin's cursor: back, so that events come again, or on, so that they never come. It first says which. */
import { useRef, useState } from "preact/hooks";
import { change } from "../api/ask.ts";
import { refresh } from "../api/live.ts";
import type { Move } from "../api/shapes.ts";
import { count } from "../format.ts";
import { useAsking } from "./asking.ts";
import { DialogEnd } from "./dialog-end.tsx";
import { PlaceField, placeOf } from "./place.tsx";
import { pluginPath } from "./plugin-link.tsx";

type Direction = "rewind" | "forward";

export function MoveDialog({ plugin, isPaused }: { plugin: string; isPaused: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [direction, setDirection] = useState<Direction>("rewind");
  const [to, setTo] = useState("");
  const [why, setWhy] = useState("");
  const [plan, setPlan] = useState<Move | null>(null);
  const { busy, trouble, run } = useAsking();
  const aim = () => {
    const place = placeOf(to);
    if (!place) return { end: true };
    return "id" in place ? { eventId: place.id } : { time: place.time };
  };
  const path = pluginPath(plugin);
  const look = () =>
    run(async () => setPlan(await change<Move>(`${path}/${direction}`, { ...aim(), why, dryRun: true })));
  const move = async (known: Move) => {
    const asked = { ...aim(), why, ...(isPaused ? { expected: known.from } : {}) };
    const done = await run(async () => {
      if (!isPaused) await change(`${path}/pause`, { why });
      try {
        await change(`${path}/${direction}`, asked);
      } finally {
        if (!isPaused) await change(`${path}/resume`, { why });
      }
    });
    setPlan(null);
    if (done) {
      dialog.current?.close();
      setTo("");
      setWhy("");
    }
    await refresh();
  };
  /** What was looked at is no longer what is asked for. */
  const otherwise = <Value,>(set: (value: Value) => void) => {
    return (value: Value) => {
      set(value);
      setPlan(null);
    };
  };
  const choose = otherwise(setDirection);
  return (
    <>
      <button type="button" onClick={() => dialog.current?.showModal()}>
        Rewind or forward
      </button>
      <dialog ref={dialog} aria-label="Rewind or forward">
        <form
          class="asks"
          onSubmit={(event) => {
            event.preventDefault();
            void (plan ? move(plan) : look());
          }}
        >
          <h2>Move the cursor of {plugin}</h2>
          <fieldset>
            <legend>Which way</legend>
            <label class="choice">
              <input
                type="radio"
                name="way"
                checked={direction === "rewind"}
                onChange={() => choose("rewind")}
              />
              Rewind: events come again, marked as redelivered
            </label>
            <label class="choice">
              <input
                type="radio"
                name="way"
                checked={direction === "forward"}
                onChange={() => choose("forward")}
              />
              Forward: events are passed over, and count as skipped by you
            </label>
          </fieldset>
          <PlaceField
            label={
              direction === "rewind"
                ? "To the event that comes next then: id, or time"
                : "To the event that comes next then: id, or time; empty: past all there are"
            }
            value={to}
            onValue={otherwise(setTo)}
            required={direction === "rewind"}
          />
          {plan && <WhatWillBe plan={plan} direction={direction} isPaused={isPaused} />}
          <DialogEnd
            label={!plan ? "Look what that does" : direction === "rewind" ? "Rewind" : "Forward"}
            dangerous={plan !== null}
            busy={busy}
            why={why}
            needsWhy={plan !== null}
            onWhy={setWhy}
            trouble={trouble}
            onCancel={() => dialog.current?.close()}
          />
        </form>
      </dialog>
    </>
  );
}

interface WhatWillBeProps {
  plan: Move;
  direction: Direction;
  isPaused: boolean;
}

function WhatWillBe({ plan, direction, isPaused }: WhatWillBeProps) {
  const { plugin, events, nextEventId } = plan;
  return (
    <p role="status" class="panel">
      {direction === "rewind"
        ? `${events === 1 ? "1 event comes" : `${count(events)} events come`} again to ${plugin}: what it did before, it may do twice.`
        : `${events === 1 ? "1 event is" : `${count(events)} events are`} never given to ${plugin}; the ledger keeps who skipped them, and why.`}{" "}
      {nextEventId === null ? "Next is the first that is still to come." : `Next is event ${nextEventId}.`}{" "}
      {isPaused
        ? "It stays paused until it is resumed."
        : "It is paused for that after its event in hand, and then goes on; what it does until then counts too."}
    </p>
  );
}
