/** Is it flowing, what needs attention first, how it went over the last hours, and how each plugin is. */
import { connection, refusal, status } from "../api/live.ts";
import { bytes, compact, duration } from "../format.ts";
import { AttentionList } from "../parts/attention.tsx";
import { Figure } from "../parts/figure.tsx";
import { History } from "../parts/history.tsx";
import { Pending } from "../parts/pending.tsx";
import { PluginWall } from "../parts/plugin-wall.tsx";
import { Stages } from "../parts/stages.tsx";

export function Overview() {
  const known = status.value;
  if (!known) return <Pending refusal={refusal.value} what="the daemon's state" />;
  const { reader, journal, plugins, now, attention, ready, alerts } = known;
  const failing = alerts.filter(({ state }) => state === "failing").length;
  return (
    <>
      <h1>{headline(ready.ready)}</h1>
      <Stages status={known} />
      <AttentionList items={attention} plugins={plugins} />
      <History />
      <PluginWall plugins={plugins} />
      <dl class="figures">
        {known.cluster && (
          <Figure
            name="Hosts"
            value={<a href="/cluster">{compact(known.cluster.hosts.length)}</a>}
            note={
              known.cluster.awaySince === null
                ? `${known.cluster.reader ?? "none"} reads the site`
                : "the database does not answer"
            }
          />
        )}
        <Figure
          name="Events read"
          value={compact(reader.events)}
          note={reader.catchingUp ? "catching up" : "since the start"}
        />
        <Figure
          name="Late events"
          value={compact(reader.lateEvents)}
          note={`${compact(reader.givenUpIds)} ids given up`}
        />
        <Figure name="Journal" value={bytes(journal.bytes)} note={`of ${bytes(journal.maxBytes)}`} />
        <Figure
          name="Alerts"
          value={alerts.length === 0 ? "to nobody" : failing > 0 ? `${failing} fail` : "arrive"}
          note={alerts.map(({ name }) => name).join(", ") || "none configured"}
        />
        <Figure
          name="Running for"
          value={duration(Date.parse(now) - Date.parse(known.startedAt))}
          note={`version ${known.version}, pid ${known.pid}`}
        />
      </dl>
    </>
  );
}

function headline(ready: boolean): string {
  if (connection.value === "away") return "The daemon does not answer";
  return ready ? "Events are flowing" : "Events do not flow";
}
