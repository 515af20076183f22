/** One event: what it says, and what became of it for every plugin, and why. */
import { useAnswer } from "../api/answer.ts";
import type { EventAnswer } from "../api/shapes.ts";
import { dateAndTime } from "../format.ts";
import { entityText, linkText } from "../parts/event-link.tsx";
import { Pending } from "../parts/pending.tsx";
import { Tree } from "../parts/tree.tsx";

type Fate = EventAnswer["plugins"][number];

const TONES: Partial<Record<Fate["outcome"], string>> = {
  delivered: "good",
  failed: "bad",
  skipped: "warn",
  waiting: "warn",
  dropped: "bad",
};

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
      {plugins.length > 0 && <Fates plugins={plugins} />}
      {replays.length > 0 && <GivenAgain replays={replays} />}
      {event && (
        <section class="panel">
          <h2>As the site tells it</h2>
          {Object.entries(event).map(([key, value]) => (
            <Tree key={key} name={key} value={value} />
          ))}
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
            of {plugin}, <span class={`mark ${TONES[outcome] ?? "idle"}`}>{outcome}</span> by {operator.by} at{" "}
            {dateAndTime(operator.at)}
            {operator.why && `: ${operator.why}`}
          </li>
        ))}
      </ul>
    </>
  );
}

function Fates({ plugins }: { plugins: readonly Fate[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">Plugin</th>
            <th scope="col">Outcome</th>
            <th scope="col">When</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {plugins.map(({ plugin, lane, outcome, why, operator, failures }) => (
            <tr key={lane}>
              <th scope="row">
                <a href={`/plugins/${encodeURIComponent(plugin)}`}>{plugin}</a>
              </th>
              <td>
                <span class={`mark ${TONES[outcome] ?? "idle"}`}>{outcome.replaceAll("_", " ")}</span>
              </td>
              <td>{whenOf(operator?.at ?? failures.at(-1)?.at)}</td>
              <td class="message">
                {why}
                {operator &&
                  outcome !== "skipped" &&
                  ` By ${operator.by}${operator.why && `: ${operator.why}`}.`}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The ledger keeps when a call failed and when somebody stepped in, not when each call succeeded. */
const whenOf = (at: string | undefined): string => (at ? dateAndTime(at) : "–");
