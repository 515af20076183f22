/** Places of the journal whose events a repair could not recover. The reader fetches them anew, to the journal's end. */
import type { Database } from "./database.ts";
import { corrupt } from "./trouble.ts";

export class Holes {
  readonly #file: string;
  /** Ascending. */
  readonly #ranges: readonly { first: number; last: number }[];

  constructor(journal: Database) {
    this.#file = journal.file;
    const rows = journal.run(() => journal.prepare("SELECT first, last FROM hole ORDER BY first").all());
    this.#ranges = rows as unknown as { first: number; last: number }[];
  }

  /** Refuses that there is no event from `first` to `last`, unless that is known. @throws STATE_CORRUPT */
  explain(first: number, last: number): void {
    if (last < first || this.#ranges.some((hole) => hole.first <= first && last <= hole.last)) return;
    throw corrupt(this.#file, `the events from place ${first} to ${last} are missing`);
  }

  /** `seq`, or the place before the hole that it lies in. */
  lastBefore(seq: number): number {
    const hole = this.#ranges.find(({ first, last }) => first <= seq && seq <= last);
    return hole ? hole.first - 1 : seq;
  }
}

/** Places without events between what retention removed and the end, as they are; ascending. */
export function findHoles(
  journal: Database,
  removedSeq: number,
  lastSeq: number,
): { first: number; last: number }[] {
  const rows = journal.prepare(
    `SELECT before + 1 AS first, seq - 1 AS last
     FROM (SELECT seq, lag(seq, 1, ?) OVER (ORDER BY seq) AS before
           FROM (SELECT seq FROM event UNION ALL SELECT ?))
     WHERE seq > before + 1 ORDER BY seq`,
  );
  return rows.all(removedSeq, lastSeq + 1) as unknown as { first: number; last: number }[];
}
