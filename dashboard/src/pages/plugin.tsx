/** One plugin: what it is doing, what it wants, how long its calls take, where it failed, and what can be done about it. */
import { useState } from "preact/hooks";
import { useAnswer } from "../api/answer.ts";
import { status } from "../api/live.ts";
import type { Plugin, PluginDetail } from "../api/shapes.ts";
import { compact, count, dateAndTime, duration, timeOfDay } from "../format.ts";
import { ActivityMark } from "../parts/activity.tsx";
import { Durations } from "../parts/durations.tsx";
import { EventLink } from "../parts/event-link.tsx";
import { Figure } from "../parts/figure.tsx";
import { Histogram } from "../parts/histogram.tsx";
import { Pending } from "../parts/pending.tsx";
import { PluginDeeds } from "../parts/plugin-deeds.tsx";
import { pluginPath } from "../parts/plugin-link.tsx";
import { Replays } from "../parts/replays.tsx";
import { Standing } from "../parts/standing.tsx";
import { type Column, Table } from "../parts/table.tsx";
import { address } from "../route.ts";

export function PluginPage({ name }: { name: string }) {
  const { answer, refusal } = useAnswer<PluginDetail>(pluginPath(name));
  if (!answer) return <Pending refusal={refusal} what={name} />;
  // figures that live updates carry are fresher
  const fresh: Partial<Plugin> = status.value?.plugins.find(({ id }) => id === answer.id) ?? {};
  const plugin: PluginDetail = { ...answer, ...fresh, callbacks: answer.callbacks };
  return (
    <>
      <h1>
        {plugin.name} <ActivityMark activity={plugin.activity} gone={plugin.gone} />
      </h1>
      <p class="quiet message">
        {plugin.path}
        {plugin.since && `, ${plugin.activity} since ${dateAndTime(plugin.since)}`}
        <OnHost host={plugin.host} />
      </p>
      <PluginDeeds plugin={plugin} />
      <Standing plugin={plugin} />
      <Figures plugin={plugin} />
      <Durations plugin={plugin.name} />
      <Callbacks plugin={plugin} />
      <Replays plugin={plugin.name} />
      <Recent plugin={plugin} />
    </>
  );
}

/** Which host of a cluster runs it, and its page, where the history and the replays are. */
function OnHost({ host }: { host: string | null }) {
  const { cluster = null } = status.value ?? {};
  if (!cluster || host === null) return null;
  if (host === cluster.host) return <>, on this host ({host})</>;
  const url = cluster.hosts.find(({ name }) => name === host)?.url ?? null;
  return (
    <>
      , on {url === null ? host : <a href={new URL(address.value.pathname, url).href}>{host}</a>}; its history
      and its replays are kept there
    </>
  );
}

function Figures({ plugin }: { plugin: PluginDetail }) {
  const { backlog, backlogAgeMs, calls, p50Ms, p95Ms, lastDeliveredAt, redelivered } = plugin;
  return (
    <dl class="figures">
      <Figure
        name="Lag"
        value={backlog > 0 ? duration(backlogAgeMs) : "none"}
        note={backlog === 1 ? "1 event waits" : `${compact(backlog)} events wait`}
      />
      <Figure
        name="Cursor"
        value={plugin.nextEventId === null ? "at the end" : <EventLink id={plugin.nextEventId} />}
        note={plugin.nextEventId === null ? "waits for the next event" : "comes next"}
      />
      <Figure name="Calls" value={compact(calls)} note="since the daemon started" />
      <Figure name="p50 of a call" value={duration(p50Ms)} note={`p95 ${duration(p95Ms)}`} />
      <Figure
        name="Last delivery"
        value={lastDeliveredAt ? timeOfDay(lastDeliveredAt) : "none"}
        note={`${count(redelivered)} redelivered`}
      />
      <Figure
        name="Reloads"
        value={count(plugin.reloads)}
        note={`${count(plugin.restarts)} host restarts${plugin.epoch === null ? "" : `, epoch ${plugin.epoch}`}`}
      />
    </dl>
  );
}

function Callbacks({ plugin: { activity, callbackList, times, buckets } }: { plugin: PluginDetail }) {
  return (
    <section>
      <h2>Callbacks</h2>
      {callbackList.length === 0 && (
        <p class="quiet">
          {activity === "loading" ? "They are known once it is loaded." : "It has registered none."}
        </p>
      )}
      <div class="callbacks">
        {callbackList.map(({ key, name, wants, scriptName, stopOnError, retry, timeoutMs }) => {
          const time = times[key];
          return (
            <article key={key} class="panel">
              <h3>{name}</h3>
              <p class="message">{wants}</p>
              <p class="quiet">
                as {scriptName};{" "}
                {stopOnError ? "an error stops the plugin" : "an error is recorded, and it goes on"}
                {retry.attempts > 0 && `; ${retry.attempts} retries`}
                {timeoutMs !== null && `; at most ${duration(timeoutMs)} a call`}
              </p>
              {time && time.calls > 0 && <Histogram limits={buckets} counts={time.counts} />}
            </article>
          );
        })}
      </div>
    </section>
  );
}

const COLUMNS: Column<PluginDetail["recent"][number]>[] = [
  { label: "Event", cell: ({ eventId }) => <EventLink id={eventId} /> },
  { label: "When", cell: ({ at }) => timeOfDay(at) },
  { label: "Callback", cell: ({ callback }) => callback },
  { label: "Took", figure: true, cell: ({ ms }) => duration(ms) },
];
const FIRST_SHOWN = 10;

function Recent({ plugin: { recent } }: { plugin: PluginDetail }) {
  const [all, setAll] = useState(false);
  if (recent.length === 0) return null;
  return (
    <section>
      <h2>Last calls</h2>
      <Table
        columns={COLUMNS}
        rows={all ? recent : recent.slice(0, FIRST_SHOWN)}
        keyOf={({ seq, callback }) => `${seq}${callback}`}
      />
      {!all && recent.length > FIRST_SHOWN && (
        <p class="deeds">
          <button type="button" onClick={() => setAll(true)}>
            Show all {recent.length}
          </button>
        </p>
      )}
    </section>
  );
}
