/** Which events of a lane came late: after events with higher ids. The journal's order tells; this remembers until they are done. */
import type { JournalEntry } from "../journal/journal.ts";

export class LateEvents {
  #generation = 0;
  #newest = 0;
  #waiting: { seq: number; id: number }[] = [];

  /** Entries in the order of the journal. Of the first one that is taken nothing can be said. */
  take(entries: readonly Pick<JournalEntry, "seq" | "generation" | "id">[]): void {
    for (const { seq, generation, id } of entries) {
      // a restored site gives its ids again, and none of those is late
      if (generation !== this.#generation) this.#newest = 0;
      this.#generation = generation;
      if (id < this.#newest) this.#waiting.push({ seq, id });
      else this.#newest = id;
    }
  }

  /** Ids of the late events up to this seq that were not asked for before. */
  doneTo(seq: number): number[] {
    const done = this.#waiting.filter((late) => late.seq <= seq);
    if (done.length > 0) this.#waiting = this.#waiting.slice(done.length);
    return done.map(({ id }) => id);
  }
}
