/** Metrics of the daemon itself: the reader, the journal, alerts, live updates. */
import { readinessOf } from "../daemon/answers/attention.ts";
import type { DaemonStatus, Reading as ReaderReading } from "../daemon/status.ts";
import { clusterMetrics } from "./cluster-metrics.ts";
import type { Add, Labels } from "./metric-kinds.ts";
import type { MetricsParts } from "./metrics.ts";

export function daemonMetrics(
  { daemon, live, doorbell, version }: MetricsParts,
  gauge: Add,
  counter: Add,
): void {
  const status = daemon.status();
  const { site, reader, cluster } = status;
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

/** Of the host that reads. */
function readerMetrics(
  { site, reader, journal }: ReaderReading & Pick<DaemonStatus, "journal">,
  gauge: Add,
): void {
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
  gauge("journal_last_sequence", "Last place in the journal.", journal.lastSeq);
  gauge("journal_first_sequence", "First place that is still stored.", journal.firstSeq);
  gauge("journal_size_bytes", "Size of the journal on disk; in a database, roughly.", journal.bytes);
  gauge("journal_max_bytes", "Room that it may use.", journal.maxBytes);
  gauge(
    "site_last_answer_seconds",
    "How long the last answer took.",
    site.lastAnswerMs && site.lastAnswerMs / 1000,
  );
  gauge("gaps_open", "Ranges of ids that are not visible yet.", reader.gaps.length);
  const oldest = Math.max(0, ...reader.gaps.map(({ waitedMs }) => waitedMs));
  gauge("gap_age_seconds", "How long the oldest open gap has been waited for.", oldest / 1000);
}
