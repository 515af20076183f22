/** A write that must happen once, and whose answer may be lost: a compare-and-set that is settled by reading back. */

import { maybeDone } from "./connections.ts";
import type { Engine } from "./engine.ts";
import { isAway, isFull } from "./trouble.ts";

export interface OnceWrite<T> {
  /** Replaces the record as it was. null: it is not that any more. */
  write(): Promise<T | null>;
  /**
   * What became of an attempt whose answer was lost: what was written, or that the record is as it was, or that it is
   * another's. Asked of the database, never assumed.
   * @throws STATE_RESTORED when the database is older than the record was
   */
  settle(): Promise<{ written: T } | "as it was" | "another's">;
  /** What to throw when the record is another's. */
  fenced(): Error;
}

const PAUSE_MS = 200;

/**
 * Waits for a database that is away.
 * @returns with the result when the last attempt was sent, by `performance.now()`
 */
export async function writeOnce<T>(
  engine: Engine,
  { write, settle, fenced }: OnceWrite<T>,
): Promise<{ result: T; sentAt: number }> {
  const who = {};
  let doubtful = false;
  try {
    for (;;) {
      const sentAt = performance.now();
      try {
        const result = await write();
        if (result !== null) return { result, sentAt };
      } catch (error) {
        // while an attempt is in doubt it is not told that nothing was done
        if (!isAway(error) && !(doubtful && isFull(error))) throw error;
        doubtful ||= maybeDone(error);
        await engine.away(error, PAUSE_MS, who);
        if (!doubtful) continue;
      }
      const found = await engine.patiently(settle);
      // only after a lost answer it may be an attempt of our own that came first
      if (!doubtful || found === "another's") throw fenced();
      if (found !== "as it was") return { result: found.written, sentAt };
    }
  } finally {
    engine.taken(who);
  }
}
