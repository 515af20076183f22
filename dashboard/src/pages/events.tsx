/** Events as they come, newest first; filters stand in the address. */
import { useEffect, useState } from "preact/hooks";
import { ask, Refusal } from "../api/ask.ts";
import { changes, connection, onUpdate } from "../api/live.ts";
import type { EventList, ListedEvent } from "../api/shapes.ts";
import { hasRoom, newestOf, type Shown, withNewer, withOlder } from "../api/tail.ts";
import { timeOfDay } from "../format.ts";
import { EventLink, entityText, linkText } from "../parts/event-link.tsx";
import { Fates } from "../parts/fates.tsx";
import { Pending } from "../parts/pending.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { address, setQuery } from "../route.ts";

const FILTERS = [
  ["type", "Type", "Shotgun_Task_*"],
  ["entity", "Entity", "Shot, or Shot:42"],
  ["project", "Project", "id or name"],
  ["user", "User", "id or name"],
] as const;
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
  const [shown, setShown] = useState<Shown | null>(null);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [running, setRunning] = useState(true);
  const isAway = connection.value === "away";
  const load = (place: string, join: (shown: Shown | null, page: Shown) => Shown) =>
    ask<EventList>(`/events?limit=${PAGE}&${query}${place}`).then(
      (page) => {
        setShown((before) => join(before, page));
        setRefusal(null);
      },
      (thrown: unknown) => {
        if (thrown instanceof Refusal) setRefusal(thrown);
      },
    );
  // asked for at first, for what came while the list was held or the daemon away, and for what became of each meanwhile
  useEffect(() => {
    if (!running) return;
    void load("", withNewer);
    let asking = false;
    return onUpdate((update) => {
      if (update.appended === 0) return;
      if (query === "") setShown((before) => before && withNewer(before, newestOf(update)));
      else if (!asking) {
        asking = true;
        void load("", withNewer).finally(() => {
          asking = false;
        });
      }
    });
  }, [running, isAway, changes.value]);
  if (!shown) return <Pending refusal={refusal} what="the events" />;
  const { events, next } = shown;
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
      {events.length > 0 ? (
        <Table columns={COLUMNS} rows={events} keyOf={({ seq }) => seq} />
      ) : (
        <p class="quiet">
          {next === null ? "No event matches yet." : "None of the newest events matches; older ones may."}
        </p>
      )}
      {next !== null && hasRoom(shown) && (
        <button type="button" onClick={() => void load(`&before=${next}`, older)}>
          Older events
        </button>
      )}
    </>
  );
}

const older = (shown: Shown | null, page: Shown) => (shown ? withOlder(shown, page) : page);

const COLUMNS: Column<ListedEvent>[] = [
  { label: "Id", cell: ({ event }) => <EventLink id={event.id} /> },
  { label: "Made", text: "line", cell: ({ event }) => timeOfDay(event.created_at) },
  { label: "Type", cell: ({ event }) => event.event_type },
  { label: "Field", cell: ({ event }) => event.attribute_name },
  { label: "Entity", text: "cut", cell: ({ event }) => entityText(event) },
  { label: "Project", text: "cut", cell: ({ event }) => linkText(event.project) },
  { label: "User", text: "cut", cell: ({ event }) => linkText(event.user) },
  { label: "Plugins", cell: ({ outcomes }) => <Fates outcomes={outcomes} /> },
];
