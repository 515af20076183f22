/** One event: what it says, and what became of it for every plugin, and why. */
import { useAnswer } from "../api/answer.ts";
import type { EventAnswer } from "../api/shapes.ts";
import { dateAndTime, duration, timeOfDay } from "../format.ts";
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
  { label: "When", cell: whenOf },
  { label: "Took", figure: true, cell: ({ delivered }) => duration(delivered?.ms) },
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

/** When it was delivered, as far as that is known; else when a call failed last, or somebody stepped in. */
function whenOf({ delivered, operator, failures }: Fate): string {
  const { after = null, before = null } = delivered ?? {};
  if (before === null) {
    const at = operator?.at ?? failures.at(-1)?.at;
    return at ? dateAndTime(at) : after ? `after ${dateAndTime(after)}` : "–";
  }
  // to the second that is most often the same
  const [first, last] = [dateAndTime(after ?? before), dateAndTime(before)];
  return after === null ? `before ${last}` : first === last ? last : `${first} to ${timeOfDay(before)}`;
}
