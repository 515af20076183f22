/** What a lane counts since the daemon was started. */
import { CALL_BUCKETS_MS, type CallReport } from "../call-times.ts";
import type { RecentCall } from "./happenings.ts";

/** Calls kept for who asks about an event, and those of them that are shown. */
const KEPT_CALLS = 200;
const RECENT_CALLS = 50;

export interface CallbackTimes {
  calls: number;
  ms: number;
  /** Calls by duration; see `CALL_BUCKETS_MS`, with one more at the end. */
  counts: number[];
}

export class LaneFigures {
  calls = 0;
  busyMs = 0;
  lastDeliveredAt: string | null = null;
  /** Events that were handed over although they may have been begun before. */
  redelivered = 0;
  /** Failures that did not stop the plugin, those that did, and those that led to another call. */
  failures = { recorded: 0, skipped: 0, stopped: 0, retrying: 0 };
  /** Events that operators let it pass over. */
  passed = 0;
  /** Hosts that ended by themselves. */
  restarts = 0;
  /** Hosts that were loaded, and loads that failed. */
  loads = 0;
  failedLoads = 0;
  /** By key. */
  readonly callbacks = new Map<string, CallbackTimes>();
  /** Oldest first. */
  #recent: RecentCall[] = [];

  progress(calls: number, busyMs: number): void {
    this.calls += calls;
    this.busyMs += busyMs;
    if (calls > 0) this.lastDeliveredAt = new Date().toISOString();
  }

  /** Answers the calls that the report tells of singly. */
  times(
    report: CallReport,
    keyOf: (callback: number) => string,
    idOf: (seq: number) => number | null,
  ): RecentCall[] {
    for (const { index, ms, counts } of report.callbacks) {
      const times = this.#of(keyOf(index));
      times.ms += ms;
      for (const [bucket, count] of counts.entries()) {
        times.counts[bucket]! += count;
        times.calls += count;
      }
    }
    const recent = report.recent.map(({ seq, callback, ms, at }) => ({
      eventId: idOf(seq) ?? 0,
      seq,
      callback: keyOf(callback),
      ms,
      at: new Date(at).toISOString(),
    }));
    this.#recent = [...this.#recent, ...recent].slice(-KEPT_CALLS);
    return recent;
  }

  /** Calls of all callbacks by duration. */
  counts(): number[] {
    const total = new Array(CALL_BUCKETS_MS.length + 1).fill(0) as number[];
    for (const { counts } of this.callbacks.values())
      for (const [bucket, count] of counts.entries()) total[bucket]! += count;
    return total;
  }

  /** Newest first. */
  recent(): RecentCall[] {
    return this.#recent.slice(-RECENT_CALLS).toReversed();
  }

  /** Those for one event that are still known, oldest first. */
  callsFor(seq: number): RecentCall[] {
    return this.#recent.filter((call) => call.seq === seq);
  }

  #of(key: string): CallbackTimes {
    const known = this.callbacks.get(key);
    if (known) return known;
    const fresh = { calls: 0, ms: 0, counts: new Array(CALL_BUCKETS_MS.length + 1).fill(0) as number[] };
    this.callbacks.set(key, fresh);
    return fresh;
  }
}
