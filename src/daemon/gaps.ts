/**
 * The ids that the site has not shown: ranges, so that a jump of ten million ids costs what a jump of one costs.
 *
 * A range opens when a newer id is seen; it is asked for again and again, less and less often; it shrinks or splits as
 * ids in it become visible; and it is given up once it has been waited for `timeoutMs` and a question asked after
 * that still did not find it. Time is the reader's: it stands still while the site cannot be asked, so that an outage
 * never uses up a gap's patience, and is never a wall clock.
 */
import type { Gap } from "../journal/journal.ts";

interface OpenRange {
  first: number;
  last: number;
  /** Time at which it was first seen. */
  seenAt: number;
  /** Time of the last answered question about it; -Infinity before the first. */
  askedAt: number;
}

export interface GapTimes {
  timeoutMs: number;
  /** Shortest and longest pause between two questions about the same range. */
  askEveryMs: number;
  askAtMostEveryMs: number;
}

/** A question about a range waits an eighth of the time the range has been open, within bounds. */
const PATIENCE = 1 / 8;

export class Gaps {
  readonly #times: GapTimes;
  /** Ascending, not overlapping. */
  #ranges: OpenRange[];

  constructor(times: GapTimes, open: readonly Gap[] = [], now = 0) {
    this.#times = times;
    this.#ranges = open.map(({ first, last, waitedMs }) => ({
      first,
      last,
      seenAt: now - waitedMs,
      askedAt: Number.NEGATIVE_INFINITY,
    }));
  }

  /** Number of open ranges. */
  get size(): number {
    return this.#ranges.length;
  }

  /** Opens a range above all others. */
  open(first: number, last: number, now: number): void {
    if (last < first) return;
    this.#ranges.push({ first, last, seenAt: now, askedAt: Number.NEGATIVE_INFINITY });
  }

  /** An id became visible. Answers whether it was missing. */
  fill(id: number): boolean {
    const at = this.#find(id);
    if (at < 0) return false;
    const range = this.#ranges[at]!;
    const rest = [
      { ...range, last: id - 1 },
      { ...range, first: id + 1 },
    ].filter(({ first, last }) => first <= last);
    this.#ranges.splice(at, 1, ...rest);
    return true;
  }

  /** The ranges that it is time to ask for, oldest first, at most `limit`. */
  due(now: number, limit: number): { first: number; last: number }[] {
    const due = this.#ranges.filter((range) => now - range.askedAt >= this.#pauseBefore(range, now));
    if (due.length > limit) due.sort((a, b) => a.askedAt - b.askedAt);
    return due.slice(0, limit).map(({ first, last }) => ({ first, last }));
  }

  /** These ranges were asked for at `askedAt` and what the site showed has been filled in. Returns the ranges given up. */
  answered(
    ranges: readonly { first: number; last: number }[],
    askedAt: number,
  ): { first: number; last: number }[] {
    const givenUp: { first: number; last: number }[] = [];
    const kept: OpenRange[] = [];
    for (const range of this.#ranges) {
      const asked = ranges.some(({ first, last }) => first <= range.first && range.last <= last);
      if (asked) range.askedAt = askedAt;
      if (asked && askedAt - range.seenAt >= this.#times.timeoutMs)
        givenUp.push({ first: range.first, last: range.last });
      else kept.push(range);
    }
    this.#ranges = kept;
    return givenUp;
  }

  /** Forgets everything above `id`. */
  cutAbove(id: number): void {
    this.#ranges = this.#ranges
      .filter(({ first }) => first <= id)
      .map((range) => ({ ...range, last: Math.min(range.last, id) }));
  }

  /** For storing: ages instead of times. */
  snapshot(now: number): Gap[] {
    return this.#ranges.map(({ first, last, seenAt }) => ({
      first,
      last,
      waitedMs: Math.max(0, Math.round(now - seenAt)),
    }));
  }

  #pauseBefore(range: OpenRange, now: number): number {
    const { askEveryMs, askAtMostEveryMs, timeoutMs } = this.#times;
    const open = now - range.seenAt;
    if (open >= timeoutMs && range.askedAt < range.seenAt + timeoutMs) return 0;
    return Math.min(askAtMostEveryMs, Math.max(askEveryMs, open * PATIENCE));
  }

  /** Index of the range that holds `id`, or -1. */
  #find(id: number): number {
    let low = 0;
    let high = this.#ranges.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const { first, last } = this.#ranges[middle]!;
      if (id < first) high = middle - 1;
      else if (id > last) low = middle + 1;
      else return middle;
    }
    return -1;
  }
}
