/** Which events came again, and whether something had happened that explains it. */
import type { Note } from "./oracle.ts";

export interface Repeats {
  /** Calls beyond the first of an event. */
  all: Note[];
  /** Those of them between which and the call before the state was not damaged: they need a reason. */
  judged: Note[];
}

/** @param called in the order of their coming @param damages when the state was damaged, ms */
export function repeatsIn(called: readonly Note[], damages: readonly number[]): Repeats {
  const last = new Map<number, Note>();
  const repeats: Repeats = { all: [], judged: [] };
  for (const note of called) {
    const before = last.get(note.number);
    last.set(note.number, note);
    if (!before) continue;
    repeats.all.push(note);
    if (!damages.some((at) => before.at < at && at <= note.at)) repeats.judged.push(note);
  }
  return repeats;
}

/** How many came again though nothing had happened since the last that did. Times in ms. */
export function unexplained(repeats: readonly number[], reasons: readonly number[]): number {
  const all = [
    ...reasons.map((at) => ({ at, reason: true })),
    ...repeats.map((at) => ({ at, reason: false })),
  ].sort((a, b) => a.at - b.at);
  let known = false;
  let count = 0;
  for (const { reason } of all) {
    if (!reason && !known) count += 1;
    known = reason;
  }
  return count;
}
