/** What a lane says of itself. Times are ISO 8601 UTC, durations milliseconds. */
import { quantileMs } from "../call-times.ts";
import type { LaneFailure, OperatorNote } from "../journal/journal.ts";
import type { LaneActivity } from "./activities.ts";
import type { Feed } from "./feed.ts";
import type { LaneFigures } from "./figures.ts";
import type { Emails, RecentCall } from "./happenings.ts";
import type { CallbackInfo, LoadedModule, PluginFile } from "./host.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { LaneHost } from "./loaded.ts";
import type { LoadProblem } from "./loading.ts";
import type { Retrying } from "./trouble.ts";

export interface LaneStatus {
  id: string;
  name: string;
  path: string;
  language: "typescript" | "python";
  /** Name of the host of the cluster that runs it; null: none does, or the daemon is alone. */
  host: string | null;
  /** Its file is gone. */
  gone: boolean;
  activity: LaneActivity;
  /** Since when it is at that. */
  since: string;
  callbacks: readonly CallbackInfo[];
  /** Last seq it is done with, and how many events of the journal lie beyond. */
  doneSeq: number;
  backlog: number;
  /** The call that is going on. */
  inHand: { eventId: number | null; callback: string; forMs: number } | null;
  /** Calls of callbacks since the daemon started, and milliseconds spent in them. */
  calls: number;
  busyMs: number;
  /** Of those calls, from hosts that measure; null when there were none. */
  p50Ms: number | null;
  p95Ms: number | null;
  lastDeliveredAt: string | null;
  redelivered: number;
  /** Failures since the daemon started, by what followed. */
  failures: LaneFigures["failures"];
  /** Events that operators let it pass over since then. */
  passed: number;
  /** Where it stopped. */
  failure: LaneFailure | null;
  /** Why it does not load. */
  loadError: LoadProblem | null;
  retrying: Retrying | null;
  paused: OperatorNote | null;
  reloads: number;
  failedLoads: number;
  /** Hosts that ended by themselves. */
  restarts: number;
}

export interface LaneDetail extends LaneStatus {
  /** Counts the owners of its lease. */
  epoch: number;
  emails: Emails;
  /** Files it consists of, as loaded. */
  modules: readonly LoadedModule[];
  /** Milliseconds that the last load took. */
  loadMs: number | null;
  /** By key of the callback. `counts`: calls by duration, see `CALL_BUCKETS_MS`, with one more at the end. */
  times: Record<
    string,
    { calls: number; ms: number; counts: readonly number[]; p50Ms: number | null; p95Ms: number | null }
  >;
  /** The last calls, newest first. */
  recent: readonly RecentCall[];
}

/** A lane as it is now. */
export interface LaneNow {
  file: PluginFile;
  options: Pick<LaneOptions, "journal" | "laneJournal">;
  activity: LaneActivity;
  since: string;
  doneSeq: number;
  failure: LaneFailure | null;
  last: LaneHost;
  /** null: nothing is fed. */
  feed: Pick<Feed, "inHand" | "retrying"> | null;
  figures: LaneFigures;
}

export function statusOfLane(now: LaneNow): LaneStatus {
  const { file, options, activity, since, doneSeq, failure, last, feed, figures } = now;
  const { laneJournal, journal } = options;
  return {
    id: laneJournal.id,
    name: file.name,
    path: file.path,
    language: file.language,
    host: journal.cluster?.self.name ?? null,
    gone: false,
    activity: feed?.retrying ? "retrying" : activity,
    since,
    callbacks: last.callbacks,
    doneSeq,
    backlog: Math.max(0, journal.head.lastSeq - doneSeq),
    inHand: feed?.inHand ?? null,
    ...countedStatus(figures),
    failure,
    loadError: last.problem,
    retrying: feed?.retrying ?? null,
    paused: laneJournal.paused,
  };
}

export function detailOfLane(now: LaneNow): LaneDetail {
  const { options, last, figures } = now;
  return {
    ...statusOfLane(now),
    epoch: options.laneJournal.epoch,
    emails: last.emails,
    modules: last.modules,
    loadMs: last.loadMs,
    times: timesOf(figures),
    recent: figures.recent(),
  };
}

/** The part of the status that is counted. */
export function countedStatus(figures: LaneFigures) {
  const { calls, busyMs, lastDeliveredAt, redelivered, failures, passed } = figures;
  const { restarts, loads, failedLoads } = figures;
  const counts = figures.counts();
  return {
    calls,
    busyMs,
    p50Ms: quantileMs(counts, 0.5),
    p95Ms: quantileMs(counts, 0.95),
    lastDeliveredAt,
    redelivered,
    failures: { ...failures },
    passed,
    reloads: Math.max(0, loads - 1),
    failedLoads,
    restarts,
  };
}

function timesOf(figures: LaneFigures): LaneDetail["times"] {
  return Object.fromEntries(
    Array.from(figures.callbacks, ([key, { calls, ms, counts }]) => [
      key,
      { calls, ms, counts: [...counts], p50Ms: quantileMs(counts, 0.5), p95Ms: quantileMs(counts, 0.95) },
    ]),
  );
}
