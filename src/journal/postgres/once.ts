/** A write that must happen once, and whose answer may be lost: a compare-and-set that is settled by reading back. */
import type { LeaseSeen } from "../journal.ts";
import { maybeDone } from "./connections.ts";
import type { Engine } from "./engine.ts";
import { isAway, isFull } from "./trouble.ts";

export interface OnceWrite<T> {
  /** Replaces the record as it was. null: it is not that any more. */
  write(): Promise<T | null>;
  /**
   * What became of an attempt whose answer was lost: what was written, or that the record is as it was, or that it is
   * another's. Asked of the database, never assumed.
   * @param withinMs longest time to wait for the answer
   * @throws STATE_RESTORED when the database is older than the record was
   */
  settle(withinMs: number): Promise<{ written: T } | "as it was" | "another's">;
  /** What to throw when the record is another's. */
  fenced(): Error;
}

const PAUSE_MS = 200;

/**
 * Waits for a database that is away.
 * @returns with the result when the attempt that wrote it was sent, by `performance.now()`; where that cannot be known, the earliest
 *   that may have been it
 */
export async function writeOnce<T>(
  engine: Engine,
  { write, settle, fenced }: OnceWrite<T>,
): Promise<{ result: T; sentAt: number }> {
  const who = {};
  /** When the first attempt was sent whose answer was lost. */
  let doubtfulAt: number | null = null;
  try {
    for (;;) {
      const sentAt = performance.now();
      try {
        const result = await write();
        if (result !== null) return { result, sentAt };
      } catch (error) {
        // while an attempt is in doubt it is not told that nothing was done
        if (!isAway(error) && !(doubtfulAt !== null && isFull(error))) throw error;
        if (maybeDone(error)) doubtfulAt ??= sentAt;
        await engine.away(error, PAUSE_MS, who);
        if (doubtfulAt === null) continue;
      }
      const found = await engine.patiently(settle);
      // only after a lost answer it may be an attempt of our own that came first
      if (doubtfulAt === null || found === "another's") throw fenced();
      // any of them may be the one that was written, long after the question that did not find it
      if (found !== "as it was") return { result: found.written, sentAt: doubtfulAt };
    }
  } finally {
    engine.taken(who);
  }
}

/**
 * Takes a lease that is as it was seen. A try whose answer was lost may have taken it: the next one finds that it is not as it was.
 * @param take null: it is not as it was seen
 * @param taken the record, if this daemon has taken it from what was seen
 * @returns null when another has it
 */
export async function takeOnce<T>(
  engine: Engine,
  take: (withinMs: number) => Promise<T | null>,
  taken: (withinMs: number) => Promise<T | null>,
): Promise<T | null> {
  let doubtful = false;
  const got = await engine.patiently(async (withinMs) => {
    try {
      return await take(withinMs);
    } catch (error) {
      doubtful ||= maybeDone(error);
      throw error;
    }
  });
  return got ?? (doubtful ? engine.patiently(taken) : null);
}

/** Of a lease that is taken as it was seen. */
export function epochAfter(seen: LeaseSeen | null): number {
  return (seen?.epoch ?? 0) + 1;
}
