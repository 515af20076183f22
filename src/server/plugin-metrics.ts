/** Metrics of plugins: where each stands, what its calls took, what went wrong. */
import type { Registry } from "prom-client";
import type { Answers } from "../daemon/answers/answers.ts";
import type { LaneDetail, LaneStatus } from "../daemon/lane-status.ts";
import { statesOf, tellsOf } from "./cluster-metrics.ts";
import type { Happened } from "./happened.ts";
import { type HistogramSeries, histogram } from "./histogram.ts";
import { type Add, counters, gauges, type Labels, type Reading } from "./metric-kinds.ts";
import type { MetricsParts } from "./metrics.ts";

/** Puts them into the registry, as they are now. */
export async function pluginMetrics(
  { daemon, answers }: MetricsParts,
  happened: Happened,
  registry: Registry,
): Promise<void> {
  const gauge = gauges(registry);
  const counter = counters(registry);
  const all = await answers.plugins();
  const { cluster } = daemon.status();
  const lanes = all.filter((lane) => tellsOf(lane, cluster));
  gauge("plugin_state", "1 for what the plugin is doing.", statesOf(all, cluster));
  standing(lanes, await backlogAges(lanes, answers), gauge);
  counted(lanes, counter);
  happenedTo(lanes, happened, gauge, counter);
  const details = lanes.map(({ id }) => daemon.plugin(id)).filter((detail) => detail !== null);
  gauge(
    "lease_epoch",
    "Counts the owners of the lane's lease.",
    details.map(({ name, epoch }) => [{ plugin: name }, epoch]),
  );
  const memory = await daemon.memory();
  gauge(
    "plugin_memory_bytes",
    "What the plugin's host holds; plugins of one python process all have those of the process.",
    lanes.flatMap(({ id, name }): [Labels, number][] =>
      memory.has(id) ? [[{ plugin: name }, memory.get(id)!]] : [],
    ),
  );
  histogram(registry, "callback_duration_seconds", "How long calls of callbacks take.", callTimes(details));
}

/** Where each stands. */
function standing(lanes: readonly LaneStatus[], ages: ReadonlyMap<string, number>, gauge: Add): void {
  const each = readingOf(lanes);
  gauge(
    "plugin_cursor_sequence",
    "Last place the plugin is done with.",
    each(({ doneSeq }) => doneSeq),
  );
  gauge(
    "plugin_backlog_events",
    "Events that it is behind.",
    each(({ backlog }) => backlog),
  );
  gauge(
    "plugin_backlog_age_seconds",
    "Age of the event that comes next.",
    each(({ id }) => ages.get(id) ?? 0),
  );
  gauge(
    "plugin_in_hand_seconds",
    "How long the present call has taken.",
    each(({ inHand }) => (inHand?.forMs ?? 0) / 1000),
  );
}

/** What is counted of each since its start. */
function counted(lanes: readonly LaneStatus[], counter: Add): void {
  const each = readingOf(lanes);
  counter(
    "plugin_calls_total",
    "Calls of callbacks.",
    each(({ calls }) => calls),
  );
  counter(
    "plugin_busy_seconds_total",
    "Time spent in them.",
    each(({ busyMs }) => busyMs / 1000),
  );
  counter(
    "plugin_redelivered_total",
    "Events handed over that may have been begun before.",
    each((lane) => lane.redelivered),
  );
  counter(
    "plugin_failures_total",
    "Failures of callbacks, by what followed.",
    lanes.flatMap(({ name, failures }) =>
      Object.entries(failures).map(([consequence, count]): [Labels, number] => [
        { plugin: name, consequence },
        count,
      ]),
    ),
  );
  counter(
    "plugin_host_restarts_total",
    "Hosts that ended by themselves.",
    each(({ restarts }) => restarts),
  );
  counter(
    "reloads_total",
    "Reloads that worked, and loads that failed.",
    lanes.flatMap(({ name, reloads, failedLoads }): [Labels, number][] => [
      [{ plugin: name, result: "reloaded" }, reloads],
      [{ plugin: name, result: "failed" }, failedLoads],
    ]),
  );
}

/** What the daemon told of each since its start. */
function happenedTo(lanes: readonly LaneStatus[], happened: Happened, gauge: Add, counter: Add): void {
  counter("events_discarded_total", "Events that did not reach the plugin: skipped on purpose, or lost.", [
    ...lanes.map(({ name, failures, passed }): [Labels, number] => [
      { plugin: name, intentional: "true" },
      failures.skipped + passed,
    ]),
    ...lanes.map(({ id, name }): [Labels, number] => [
      { plugin: name, intentional: "false" },
      happened.dropped.get(id) ?? 0,
    ]),
  ]);
  counter(
    "plugin_errors_total",
    "Errors of plugins, by code and by what was going on.",
    happened
      .errorsOf(lanes.map(({ name }) => name))
      .map(({ count, ...labels }): [Labels, number] => [labels, count]),
  );
  gauge(
    "replay_running",
    "1 while past events are given to the plugin again.",
    lanes.map(({ name }): [Labels, number] => [{ plugin: name }, happened.replays.has(name) ? 1 : 0]),
  );
  gauge(
    "replay_remaining_ids",
    "Event ids of the range that are still to come in it.",
    lanes.map(({ name }): [Labels, number] => [{ plugin: name }, happened.replays.get(name) ?? 0]),
  );
}

function readingOf(lanes: readonly LaneStatus[]) {
  return (value: (lane: LaneStatus) => number): Reading =>
    lanes.map((lane) => [{ plugin: lane.name }, value(lane)]);
}

function callTimes(details: readonly LaneDetail[]): HistogramSeries[] {
  return details.flatMap(({ name, times }) =>
    Object.entries(times).map(([callback, { calls: requests, ms, counts }]) => {
      return { labels: { plugin: name, callback }, requests, ms, counts };
    }),
  );
}

/** Of each plugin with a backlog, by lane id. */
async function backlogAges(lanes: readonly LaneStatus[], answers: Answers): Promise<Map<string, number>> {
  const ages = new Map<string, number>();
  for (const lane of lanes) ages.set(lane.id, ((await answers.backlog(lane)).ageMs ?? 0) / 1000);
  return ages;
}
