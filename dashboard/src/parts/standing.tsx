/** Why a plugin does not run, if it does not: who paused it, what it waits for, where it failed and on which event. */
import { useState } from "preact/hooks";
import { useAnswer } from "../api/answer.ts";
import { status } from "../api/live.ts";
import type { EventAnswer, PluginDetail } from "../api/shapes.ts";
import { ago, dateAndTime, duration, timeOfDay, visible } from "../format.ts";
import { EventLink } from "./event-link.tsx";
import { EventTree } from "./event-tree.tsx";
import { SourceLines } from "./source.tsx";
import { Stack } from "./stack.tsx";

const LONG_CALL_MS = 10_000;

export function Standing({ plugin }: { plugin: PluginDetail }) {
  const { failure, loadError, paused, retrying, inHand, gone } = plugin;
  return (
    <>
      {gone && (
        <p class="panel">
          Its file is gone. Its place is kept: when the file is back, it goes on with the events that wait.
        </p>
      )}
      {paused && (
        <p class="panel">
          Paused by {paused.by} at {dateAndTime(paused.at)}
          {paused.why && `: ${paused.why}`}
        </p>
      )}
      {retrying && (
        <p class="panel">
          {retrying.callback} failed on event <EventLink id={retrying.eventId} />; it is called again at{" "}
          {timeOfDay(retrying.nextAt)} ({retrying.attempt}
          {retrying.of === null ? "" : ` of ${retrying.of}`})
        </p>
      )}
      {inHand && inHand.forMs > LONG_CALL_MS && (
        <p class="panel">
          {inHand.callback} has been at event <EventLink id={inHand.eventId ?? 0} /> for{" "}
          {duration(inHand.forMs)}
        </p>
      )}
      {loadError && (
        <article class="panel failure error">
          <h2>
            It does not load <code>{loadError.code}</code>
          </h2>
          <p class="message">{visible(loadError.message)}</p>
          {loadError.hint && <p class="quiet">{loadError.hint}</p>}
          {loadError.stack && <Stack text={loadError.stack} />}
        </article>
      )}
      {failure && <Failed failure={failure} />}
    </>
  );
}

function Failed({ failure }: { failure: NonNullable<PluginDetail["failure"]> }) {
  const { eventId, code, message, callback, attempts, at, stack, source } = failure;
  return (
    <article class="panel failure error">
      <h2>
        Stopped{eventId > 0 && " at event "}
        {eventId > 0 && <EventLink id={eventId} />} <code>{code}</code>
      </h2>
      <p class="message">{visible(message)}</p>
      <p class="quiet">
        {callback && `${callback}, `}attempt {attempts}, {ago(at, status.value?.now ?? at)}
      </p>
      {source && <SourceLines source={source} />}
      {stack && <Stack text={stack} />}
      {eventId > 0 && <TheEvent id={eventId} />}
    </article>
  );
}

/** Asked for when somebody opens it. */
function TheEvent({ id }: { id: number }) {
  const [open, setOpen] = useState(false);
  const { answer } = useAnswer<EventAnswer>(open ? `/events/${id}` : null);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The event</summary>
      {answer?.event ? <EventTree event={answer.event} /> : <p class="quiet">{answer?.note}</p>}
    </details>
  );
}
