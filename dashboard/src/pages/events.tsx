/** Events as they come, newest first, with what became of each; filters stand in the address. */
import { useEffect, useState } from "preact/hooks";
import { ask, Refusal } from "../api/ask.ts";
import { onUpdate } from "../api/live.ts";
import type { EventList, ListedEvent } from "../api/shapes.ts";
import { timeOfDay } from "../format.ts";
import { entityText, linkText } from "../parts/event-link.tsx";
import { Pending } from "../parts/pending.tsx";
import { address, setQuery } from "../route.ts";

const FILTERS = [
  ["type", "Type", "Shotgun_Task_*"],
  ["entity", "Entity", "Shot, or Shot:42"],
  ["project", "Project", "id or name"],
  ["user", "User", "id or name"],
] as const;
const MOST_SHOWN = 500;
const PAGE = 100;

export function Events() {
  const { searchParams } = address.value;
  const query = new URLSearchParams();
  for (const [name] of FILTERS) if (searchParams.get(name)) query.set(name, searchParams.get(name)!);
  return (
    <>
      <h1>Events</h1>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        {FILTERS.map(([name, label, example]) => (
          <label key={name}>
            {label}
            <input
              type="search"
              placeholder={example}
              value={searchParams.get(name) ?? ""}
              onChange={(event) => setQuery(name, event.currentTarget.value.trim())}
            />
          </label>
        ))}
      </form>
      <Tail key={String(query)} query={String(query)} />
    </>
  );
}

/** With a filter the daemon is asked again when events come; without one they come by themselves. */
function Tail({ query }: { query: string }) {
  const [events, setEvents] = useState<ListedEvent[] | null>(null);
  const [next, setNext] = useState<number | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [running, setRunning] = useState(true);
  const load = (before: number | null) =>
    ask<EventList>(`/events?limit=${PAGE}&${query}${before === null ? "" : `&before=${before}`}`).then(
      (page) => {
        setEvents((shown) => merged(before === null ? page.events : [...(shown ?? []), ...page.events]));
        setNext(page.next);
        setRefusal(null);
      },
      (thrown: unknown) => {
        if (thrown instanceof Refusal) setRefusal(thrown);
      },
    );
  useEffect(() => void load(null), []);
  useEffect(() => {
    if (!running) return;
    let asking = false;
    return onUpdate(({ appended, events: fresh }) => {
      if (appended === 0) return;
      if (query === "") setEvents((shown) => merged([...fresh.toReversed(), ...(shown ?? [])]));
      else if (!asking) {
        asking = true;
        void load(null).finally(() => {
          asking = false;
        });
      }
    });
  }, [running]);
  if (!events) return <Pending refusal={refusal} what="the events" />;
  return (
    <>
      <p class="deeds">
        <button type="button" aria-pressed={!running} onClick={() => setRunning(!running)}>
          {running ? "Hold" : "Follow again"}
        </button>
        <span class="quiet" role="status">
          {running ? "New events appear at the top." : "New events wait."} {refusal?.message}
        </span>
      </p>
      {events.length === 0 ? <p class="quiet">No event matches yet.</p> : <Table events={events} />}
      {next !== null && events.length < MOST_SHOWN && (
        <button type="button" onClick={() => void load(next)}>
          Older events
        </button>
      )}
    </>
  );
}

function merged(events: readonly ListedEvent[]): ListedEvent[] {
  const bySeq = new Map(events.toReversed().map((event) => [event.seq, event]));
  return [...bySeq.values()].toSorted((a, b) => b.seq - a.seq).slice(0, MOST_SHOWN);
}

function Table({ events }: { events: readonly ListedEvent[] }) {
  return (
    <div class="scroll">
      <table class="events">
        <thead>
          <tr>
            {["Id", "Made", "Type", "Field", "Entity", "Project", "User"].map((label) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {events.map(({ seq, event }) => (
            <tr key={seq}>
              <th scope="row">
                <a href={`/events/${event.id}`}>{event.id}</a>
              </th>
              <td>{timeOfDay(event.created_at)}</td>
              <td>{event.event_type}</td>
              <td>{event.attribute_name}</td>
              <td class="cut">{entityText(event)}</td>
              <td class="cut">{linkText(event.project)}</td>
              <td class="cut">{linkText(event.user)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
