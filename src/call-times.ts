/** How long the calls of a plugin's callbacks take, gathered where they are called and reported now and then. */

/** Upper limits of the buckets in milliseconds; calls that took longer fall into one more. */
export const CALL_BUCKETS_MS = [
  0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
] as const;

/** The calls that one report tells of singly: the last ones, so that a flood of fast calls costs no more than this. */
export const CALLS_A_REPORT = 20;

/** The calls since the last report. */
export interface CallReport {
  /** For each callback that was called: its index, milliseconds spent in it, and the number of calls in each bucket. */
  callbacks: { index: number; ms: number; counts: number[] }[];
  /** The last calls, oldest first. */
  recent: { seq: number; callback: number; ms: number /** When it ended, ms since 1970. */; at: number }[];
}

export class CallTimes {
  #callbacks = new Map<number, CallReport["callbacks"][number]>();
  #recent: CallReport["recent"] = [];
  #calls = 0;

  /** @param at when it ended, as `performance.now()` has it */
  add(seq: number, callback: number, ms: number, at: number): void {
    let times = this.#callbacks.get(callback);
    if (!times) {
      times = { index: callback, ms: 0, counts: new Array(CALL_BUCKETS_MS.length + 1).fill(0) };
      this.#callbacks.set(callback, times);
    }
    times.ms += ms;
    times.counts[bucketOf(ms)]! += 1;
    const place = this.#calls % CALLS_A_REPORT;
    this.#calls += 1;
    const known = this.#recent[place];
    if (known) Object.assign(known, { seq, callback, ms, at });
    else this.#recent.push({ seq, callback, ms, at });
  }

  /** What was added since the last time. @param clock ms since 1970 when `performance.now()` was 0, by the clock of now */
  take(clock: number): CallReport {
    const oldest = this.#calls > CALLS_A_REPORT ? this.#calls % CALLS_A_REPORT : 0;
    const inOrder = [...this.#recent.slice(oldest), ...this.#recent.slice(0, oldest)];
    const report: CallReport = {
      callbacks: [...this.#callbacks.values()],
      recent: inOrder.map((call) => ({ ...call, at: clock + call.at })),
    };
    this.#callbacks = new Map();
    this.#recent = [];
    this.#calls = 0;
    return report;
  }
}

/** Index of the bucket, the one after the last limit for the longest calls. */
export function bucketOf(ms: number): number {
  let bucket = 0;
  while (bucket < CALL_BUCKETS_MS.length && ms > CALL_BUCKETS_MS[bucket]!) bucket += 1;
  return bucket;
}

/**
 * The duration that this share of the calls did not exceed, interpolated within its bucket; null when there were none.
 * @param share 0.5 for the median
 */
export function quantileMs(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let left = share * total;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && left <= count) {
      const low = bucket === 0 ? 0 : CALL_BUCKETS_MS[bucket - 1]!;
      const high = CALL_BUCKETS_MS[bucket] ?? low;
      return low + (high - low) * (left / count);
    }
    left -= count;
  }
  return CALL_BUCKETS_MS.at(-1)!;
}
