/** One plugin: what it is doing, what it wants, how long its calls take, where it failed, and what can be done about it. */
import { useAnswer } from "../api/answer.ts";
import { status } from "../api/live.ts";
import type { Plugin, PluginDetail } from "../api/shapes.ts";
import { ago, compact, count, dateAndTime, duration, timeOfDay } from "../format.ts";
import { ActivityMark } from "../parts/activity.tsx";
import { Deed } from "../parts/deed.tsx";
import { Durations } from "../parts/durations.tsx";
import { EventLink } from "../parts/event-link.tsx";
import { Figure } from "../parts/figure.tsx";
import { Histogram } from "../parts/histogram.tsx";
import { Pending } from "../parts/pending.tsx";
import { ReplayDialog } from "../parts/replay-dialog.tsx";
import { Replays } from "../parts/replays.tsx";
import { Stack } from "../parts/stack.tsx";

export function PluginPage({ name }: { name: string }) {
  const { answer, refusal } = useAnswer<PluginDetail>(`/plugins/${encodeURIComponent(name)}`);
  if (!answer) return <Pending refusal={refusal} what={name} />;
  // figures that live updates carry are fresher
  const fresh: Partial<Plugin> = status.value?.plugins.find(({ id }) => id === answer.id) ?? {};
  const plugin: PluginDetail = { ...answer, ...fresh, callbacks: answer.callbacks };
  return (
    <>
      <h1>
        {plugin.name} <ActivityMark activity={plugin.activity} />
      </h1>
      <p class="quiet">
        {plugin.path}
        {plugin.since && `, ${plugin.activity} since ${dateAndTime(plugin.since)}`}
      </p>
      <Deeds plugin={plugin} />
      <Standing plugin={plugin} />
      <dl class="figures">
        <Figure
          name="Backlog"
          value={compact(plugin.backlog)}
          note={plugin.backlog > 0 ? `oldest waits ${duration(plugin.backlogAgeMs)}` : "nothing waits"}
        />
        <Figure name="Calls" value={compact(plugin.calls)} note="since the daemon started" />
        <Figure
          name="p50 / p95"
          value={`${duration(plugin.p50Ms)} / ${duration(plugin.p95Ms)}`}
          note="of a call"
        />
        <Figure
          name="Last delivery"
          value={plugin.lastDeliveredAt ? timeOfDay(plugin.lastDeliveredAt) : "none"}
          note={`${count(plugin.redelivered)} redelivered`}
        />
        <Figure
          name="Reloads"
          value={count(plugin.reloads)}
          note={`${count(plugin.restarts)} host restarts`}
        />
      </dl>
      <Durations plugin={plugin.name} />
      <Callbacks plugin={plugin} />
      <Replays plugin={plugin.name} />
      <Recent plugin={plugin} />
    </>
  );
}

function Deeds({ plugin }: { plugin: PluginDetail }) {
  const { name, activity, failure } = plugin;
  const plugins = [name];
  const stands = activity === "failed" || activity === "retrying" || activity === "unloadable";
  return (
    <p class="deeds">
      {stands && (
        <Deed
          label="Retry"
          plugins={plugins}
          action="retry"
          says={`${name} starts again where it stopped.`}
        />
      )}
      {failure && failure.eventId > 0 && activity === "failed" && (
        <Deed
          label="Skip the event"
          plugins={plugins}
          action="skip"
          eventId={failure.eventId}
          dangerous
          says={`Event ${failure.eventId} is never given to ${name}; the ledger keeps that you skipped it, and why.`}
        />
      )}
      {activity === "paused" ? (
        <Deed
          label="Resume"
          plugins={plugins}
          action="resume"
          says={`${name} goes on with the first of the events that wait.`}
        />
      ) : (
        <Deed
          label="Pause"
          plugins={plugins}
          action="pause"
          says={`${name} finishes its event in hand; its events then wait until it is resumed, also over restarts.`}
        />
      )}
      {activity !== "paused" && (
        <Deed
          label="Reload"
          plugins={plugins}
          action="reload"
          says={`${name} gets a fresh host with the code as it is now, after its event in hand.`}
        />
      )}
      {activity !== "stopped" && <ReplayDialog plugin={name} />}
    </p>
  );
}

/** Why it does not run, if it does not. */
function Standing({ plugin }: { plugin: PluginDetail }) {
  const { failure, loadError, paused, retrying, inHand } = plugin;
  return (
    <>
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
      {inHand && inHand.forMs > 10_000 && (
        <p class="panel">
          {inHand.callback} has been at its event for {duration(inHand.forMs)}
        </p>
      )}
      {loadError && (
        <article class="panel failure error">
          <h2>
            It does not load <code>{loadError.code}</code>
          </h2>
          <p class="message">{loadError.message}</p>
          {loadError.hint && <p class="quiet">{loadError.hint}</p>}
          {loadError.stack && <Stack text={loadError.stack} />}
        </article>
      )}
      {failure && (
        <article class="panel failure error">
          <h2>
            Stopped{failure.eventId > 0 && " at event "}
            {failure.eventId > 0 && <EventLink id={failure.eventId} />} <code>{failure.code}</code>
          </h2>
          <p class="message">{failure.message}</p>
          <p class="quiet">
            {failure.callback && `${failure.callback}, `}attempt {failure.attempts},{" "}
            {ago(failure.at, status.value?.now ?? failure.at)}
          </p>
          {failure.stack && <Stack text={failure.stack} />}
        </article>
      )}
    </>
  );
}

function Callbacks({ plugin: { callbackList, times, buckets } }: { plugin: PluginDetail }) {
  return (
    <section>
      <h2>Callbacks</h2>
      {callbackList.length === 0 && <p class="quiet">It has registered none.</p>}
      {callbackList.map(({ key, name, wants, scriptName, stopOnError, retry, timeoutMs }) => {
        const time = times[key];
        return (
          <article key={key} class="panel callback">
            <h3>{name}</h3>
            <p>{wants}</p>
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
    </section>
  );
}

function Recent({ plugin: { recent } }: { plugin: PluginDetail }) {
  if (recent.length === 0) return null;
  return (
    <section>
      <h2>Last calls</h2>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Event</th>
              <th scope="col">Callback</th>
              <th scope="col" class="figure">
                Took
              </th>
            </tr>
          </thead>
          <tbody>
            {recent.map(({ eventId, seq, callback, ms, at }) => (
              <tr key={`${seq}${callback}`}>
                <td>{timeOfDay(at)}</td>
                <td>
                  <EventLink id={eventId} />
                </td>
                <td>{callback}</td>
                <td class="figure">{duration(ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
