/** One event: what it says, and what became of it for every plugin, and why. */
import { useAnswer } from "../api/answer.ts";
import type { EventAnswer } from "../api/shapes.ts";
import { dateAndTime } from "../format.ts";
import { entityText, linkText } from "../parts/event-link.tsx";
import { EventTree } from "../parts/event-tree.tsx";
import { FateMark } from "../parts/fates.tsx";
import { Pending } from "../parts/pending.tsx";
import { PluginLink } from "../parts/plugin-link.tsx";
import { type Column, Table } from "../parts/table.tsx";

type Fate = EventAnswer["plugins"][number];

export function EventPage({ name: id }: { name: string }) {
  const { answer, refusal } = useAnswer<EventAnswer>(`/events/${encodeURIComponent(id)}`);
  if (!answer) return <Pending refusal={refusal} what={`event ${id}`} />;
  const { event, plugins, note, replays } = answer;
  return (
    <>
      <h1>Event {id}</h1>
      {note && <p>{note}</p>}
      {event && (
        <p>
          <strong>{event.event_type}</strong>
          {event.attribute_name && ` of ${event.attribute_name}`}
          {entityText(event) && `: ${entityText(event)}`}
          <br />
          <span class="quiet">
            {[linkText(event.project), linkText(event.user), dateAndTime(event.created_at)]
              .filter(Boolean)
              .join(" · ")}
          </span>
        </p>
      )}
      {plugins.length > 0 && <Table columns={COLUMNS} rows={plugins} keyOf={({ lane }) => lane} />}
      {replays.length > 0 && <GivenAgain replays={replays} />}
      {event && (
        <section class="panel">
          <h2>As the site tells it</h2>
          <EventTree event={event} />
        </section>
      )}
    </>
  );
}

function GivenAgain({ replays }: Pick<EventAnswer, "replays">) {
  return (
    <>
      <h2>Given again</h2>
      <ul>
        {replays.map(({ replay, plugin, dryRun, outcome, operator }) => (
          <li key={replay}>
            <a href={`/replays/${replay}`}>
              {dryRun ? "Dry run" : "Replay"} {replay}
            </a>{" "}
            of {plugin}, <FateMark outcome={outcome} /> by {operator.by} at {dateAndTime(operator.at)}
            {operator.why && `: ${operator.why}`}
          </li>
        ))}
      </ul>
    </>
  );
}

const COLUMNS: Column<Fate>[] = [
  { label: "Plugin", cell: ({ plugin }) => <PluginLink name={plugin} /> },
  {
    label: "Outcome",
    cell: ({ outcome }) => <FateMark outcome={outcome} />,
  },
  { label: "When", cell: ({ operator, failures }) => whenOf(operator?.at ?? failures.at(-1)?.at) },
  {
    label: "Why",
    text: "message",
    cell: ({ why, operator, outcome }) => (
      <>
        {why}
        {operator && outcome !== "skipped" && ` By ${operator.by}${operator.why && `: ${operator.why}`}.`}
      </>
    ),
  },
];

/** The ledger keeps when a call failed and when somebody stepped in, not when each call succeeded. */
const whenOf = (at: string | undefined): string => (at ? dateAndTime(at) : "–");
