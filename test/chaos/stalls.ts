/** How long a plugin stood still though something waited for it, beside the times in which nothing could have come. */
import type { Note } from "./oracle.ts";
import type { DaemonProcess } from "./process.ts";
import type { Shown } from "./site.ts";

/** The machine's monotonic clock, ms. */
export interface Span {
  from: number;
  until: number;
}

export interface Stall {
  /** Without the times that are excused. */
  ms: number;
  /** When it was over, the machine's monotonic clock, ms. */
  at: number;
}

/**
 * More than all that is not excused can explain, ms: the longest back-off after an outage (15 s), answers that are bad one after the other,
 * Python hosts that are loaded on a machine at work.
 */
export const LONGEST_STALL_MS = 45_000;

/** @param done in the order of their coming @param excused in the order of their beginning */
export function longestStall(
  done: readonly Note[],
  shown: ReadonlyMap<number, Shown>,
  excused: readonly Span[] = [],
): Stall {
  let longest: Stall = { ms: 0, at: 0 };
  for (const [i, { number, at }] of done.entries()) {
    const from = Math.max(done[i - 1]?.at ?? 0, shown.get(number)?.at ?? at);
    if (at - from <= longest.ms) continue;
    const ms = timeBeside(excused, { from, until: at });
    if (ms > longest.ms) longest = { ms, at };
  }
  return longest;
}

/** What of a span lies in none of the others, ms. @param others in the order of their beginning */
export function timeBeside(others: readonly Span[], { from, until }: Span): number {
  let ms = 0;
  let at = from;
  for (const other of others) {
    if (other.from >= until) break;
    ms += Math.max(0, other.from - at);
    at = Math.max(at, other.until);
  }
  return ms + Math.max(0, until - at);
}

/** When no daemon was up. */
export function downtimes(lives: readonly Pick<DaemonProcess, "upAt" | "endedAt">[]): Span[] {
  const spans: Span[] = [];
  let from = 0;
  for (const { upAt, endedAt } of lives) {
    if (upAt === null) continue;
    spans.push({ from, until: upAt });
    from = endedAt ?? Number.POSITIVE_INFINITY;
  }
  return Number.isFinite(from) ? [...spans, { from, until: Number.POSITIVE_INFINITY }] : spans;
}
