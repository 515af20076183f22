/**
 * Metrics in the text format of Prometheus, put together when they are asked for from what the daemon counts anyway. Labels are
 * bounded: plugins, callbacks, and fixed words; never an event, a message or a user.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Answers } from "../daemon/answers/answers.ts";
import { readinessOf } from "../daemon/answers/attention.ts";
import type { LaneDetail, LaneStatus } from "../daemon/lane-status.ts";
import type { Daemon } from "../daemon/start.ts";
import type { Reading as ReaderReading } from "../daemon/status.ts";
import { clusterMetrics, statesOf, tellsOf } from "./cluster-metrics.ts";
import type { DoorbellFigures } from "./doorbell.ts";
import { Happened } from "./happened.ts";
import { type HistogramSeries, histogram } from "./histogram.ts";
import type { Live } from "./live.ts";

export interface MetricsParts {
  daemon: Pick<Daemon, "status" | "plugin" | "memory" | "happenings">;
  answers: Answers;
  live: Live;
  doorbell: DoorbellFigures | null;
  version: string;
}

export type Labels = Record<string, string>;
/** Name and help; then the value, or values with their labels, at the time of asking. */
type Reading = number | null | [Labels, number][];

export interface Metrics {
  contentType: string;
  text(): Promise<string>;
}

/** The library's gauges that are called like counters, which checkers refuse; each is the sum of one that stays. */
const MISNAMED = ["active_resources_total", "active_handles_total", "active_requests_total"];

export function openMetrics(parts: MetricsParts): Metrics {
  const registry = new Registry();
  const happened = new Happened(parts.daemon.happenings);
  collectDefaultMetrics({ register: registry, prefix: "callsheet_" });
  for (const name of MISNAMED) registry.removeSingleMetric(`callsheet_nodejs_${name}`);
  return {
    contentType: registry.contentType,
    async text() {
      const all = await parts.answers.plugins();
      const { cluster } = parts.daemon.status();
      const lanes = all.filter((lane) => tellsOf(lane, cluster));
      const seconds = await backlogAges(lanes, parts.answers);
      const taken = new Registry();
      const gauge = adder(taken, Gauge);
      const counter = adder(taken, Counter);
      daemonMetrics(parts, gauge, counter);
      gauge("plugin_state", "1 for what the plugin is doing.", statesOf(all, cluster));
      pluginMetrics(lanes, seconds, gauge, counter);
      counter(
        "events_discarded_total",
        "Events that did not reach the plugin: skipped on purpose, or lost.",
        [
          ...lanes.map(({ name, failures, passed }): [Labels, number] => [
            { plugin: name, intentional: "true" },
            failures.skipped + passed,
          ]),
          ...lanes.map(({ id, name }): [Labels, number] => [
            { plugin: name, intentional: "false" },
            happened.dropped.get(id) ?? 0,
          ]),
        ],
      );
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
      const details = lanes.map(({ id }) => parts.daemon.plugin(id)).filter((detail) => detail !== null);
      gauge(
        "lease_epoch",
        "Counts the owners of the lane's lease.",
        details.map(({ name, epoch }) => [{ plugin: name }, epoch]),
      );
      const memory = await parts.daemon.memory();
      gauge(
        "plugin_memory_bytes",
        "What the plugin's host holds; plugins of one python process all have those of the process.",
        lanes.flatMap(({ id, name }): [Labels, number][] =>
          memory.has(id) ? [[{ plugin: name }, memory.get(id)!]] : [],
        ),
      );
      histogram(taken, "callback_duration_seconds", "How long calls of callbacks take.", callTimes(details));
      const { siteRequests } = parts.daemon.status();
      histogram(
        taken,
        "site_request_duration_seconds",
        "How long requests to the site take, by who asked and how they ended.",
        siteRequests.map(({ by, outcome, ...times }) => ({ labels: { by, outcome }, ...times })),
      );
      return (await registry.metrics()) + (await taken.metrics());
    },
  };
}

function callTimes(details: readonly LaneDetail[]): HistogramSeries[] {
  return details.flatMap(({ name, times }) =>
    Object.entries(times).map(([callback, { calls: requests, ms, counts }]) => {
      return { labels: { plugin: name, callback }, requests, ms, counts };
    }),
  );
}

export type Add = (name: string, help: string, reading: Reading) => void;

function adder(registry: Registry, Kind: typeof Gauge | typeof Counter): Add {
  return (name, help, reading) => {
    const values: [Labels, number][] = Array.isArray(reading)
      ? reading
      : reading === null
        ? []
        : [[{}, reading]];
    const labelNames = Object.keys(values[0]?.[0] ?? {});
    const metric = new Kind({ name: `callsheet_${name}`, help, labelNames, registers: [registry] });
    if (labelNames.length > 0) metric.reset();
    for (const [labels, value] of values) metric.inc(labels, value);
  };
}

/** Of the host that reads. */
function readerMetrics({ site, reader }: ReaderReading, gauge: Add): void {
  const age = (at: string | null) => (at === null ? null : Math.max(0, Date.now() - Date.parse(at)) / 1000);
  gauge(
    "reader_connected",
    "1 when the site answered the last question.",
    site.state === "connected" ? 1 : 0,
  );
  gauge(
    "reader_last_answer_age_seconds",
    "Since the site answered last: is the reader stuck?",
    age(site.lastAnswerAt),
  );
  gauge(
    "reader_last_event_age_seconds",
    "Since the newest event was created on the site: beside the age of the last answer it tells idle from stuck.",
    age(reader.newestAt),
  );
  gauge(
    "reader_lag_seconds",
    "From the creation of the newest event until it was read; with a wrong clock on either side it is off by as much.",
    reader.lagMs === null ? null : reader.lagMs / 1000,
  );
  gauge("reader_catching_up", "1 while full pages come in.", reader.catchingUp ? 1 : 0);
  gauge("reader_position", "Highest event id seen.", reader.position);
  gauge(
    "site_last_answer_seconds",
    "How long the last answer took.",
    site.lastAnswerMs && site.lastAnswerMs / 1000,
  );
  gauge("gaps_open", "Ranges of ids that are not visible yet.", reader.gaps.length);
  const oldest = Math.max(0, ...reader.gaps.map(({ waitedMs }) => waitedMs));
  gauge("gap_age_seconds", "How long the oldest open gap has been waited for.", oldest / 1000);
}

function daemonMetrics({ daemon, live, doorbell, version }: MetricsParts, gauge: Add, counter: Add): void {
  const status = daemon.status();
  const { site, reader, journal, cluster } = status;
  gauge("build_info", "Always 1; the label says which version runs.", [[{ version }, 1]]);
  gauge("ready", "1 when events flow from the site to the journal.", readinessOf(status).ready ? 1 : 0);
  counter("reader_events_total", "Events appended to the journal.", reader.events);
  counter("reader_late_events_total", "Events that became visible after a later one.", reader.lateEvents);
  counter("reader_given_up_ids_total", "Event ids that never happened.", reader.givenUpIds);
  if (!cluster || cluster.reader === cluster.host) readerMetrics(status, gauge);
  if (cluster) clusterMetrics(cluster, gauge, counter);
  counter("site_requests_total", "Questions of the reader, by outcome.", [
    [{ outcome: "answered" }, site.answers],
    [{ outcome: "failed" }, site.failedQuestions],
  ]);
  gauge("journal_last_sequence", "Last place in the journal.", journal.lastSeq);
  gauge("journal_first_sequence", "First place that is still stored.", journal.firstSeq);
  gauge("journal_size_bytes", "Size of the journal on disk.", journal.bytes);
  gauge("journal_max_bytes", "Room that it may use.", journal.maxBytes);
  counter(
    "alerts_sent_total",
    "Alerts in messages that were accepted, by what they were about and where they went.",
    status.alerts.flatMap(({ name, sentByKind }) =>
      Object.entries(sentByKind).map(([kind, count]): [Labels, number] => [{ to: name, kind }, count]),
    ),
  );
  counter(
    "alert_messages_sent_total",
    "Messages that were accepted, by where they went.",
    status.alerts.map(({ name, sent }): [Labels, number] => [{ to: name }, sent]),
  );
  gauge(
    "alerts_waiting",
    "Cases whose receivers are yet to be told.",
    status.alerts.map(({ name, waiting }): [Labels, number] => [{ to: name }, waiting]),
  );
  gauge("live_clients", "Browsers and programs on live updates.", live.clients);
  counter("live_clients_dropped_total", "Those that did not read and were dropped.", live.dropped);
  if (!doorbell) return;
  counter("webhook_deliveries_total", "Deliveries of the site's webhook.", [
    [{ outcome: "rang" }, doorbell.rings],
    [{ outcome: "refused" }, doorbell.refused],
  ]);
}

function pluginMetrics(
  lanes: readonly LaneStatus[],
  ages: ReadonlyMap<string, number>,
  gauge: Add,
  counter: Add,
): void {
  const each = (value: (lane: LaneStatus) => number): Reading =>
    lanes.map((lane) => [{ plugin: lane.name }, value(lane)]);
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

/** Of each plugin with a backlog, by lane id. */
async function backlogAges(lanes: readonly LaneStatus[], answers: Answers): Promise<Map<string, number>> {
  const ages = new Map<string, number>();
  for (const lane of lanes) ages.set(lane.id, ((await answers.backlog(lane)).ageMs ?? 0) / 1000);
  return ages;
}
