/** The runs that are with a host: which events they hold, and how far the host is through with them. */
import type { JournalPage } from "../journal/journal.ts";

type Entry = JournalPage["entries"][number];

interface HandedRun {
  /** Of consecutive seqs, but for those of a replay. */
  entries: readonly Entry[];
  firstSeq: number;
  to: number;
  /** The last seq in it that the host has; 0 when it has none. */
  lastMatched: number;
}

export class HandedRuns {
  #runs: HandedRun[] = [];

  get count(): number {
    return this.#runs.length;
  }

  add(entries: readonly Entry[], lastMatched: number): void {
    this.#runs.push({ entries, firstSeq: entries[0]!.seq, to: entries.at(-1)!.seq, lastMatched });
  }

  /** Lets go of the runs that a host is through with that reported `hostDone`. @returns the last seq that is done with */
  settle(hostDone: number): number {
    let done = hostDone;
    while (this.#runs[0] && this.#runs[0].lastMatched <= hostDone)
      done = Math.max(done, this.#runs.shift()!.to);
    return done;
  }

  entry(seq: number): Entry | null {
    const run = this.#runs.find(({ firstSeq, to }) => firstSeq <= seq && seq <= to);
    if (!run) return null;
    const likely = run.entries[seq - run.firstSeq];
    return likely?.seq === seq ? likely : (run.entries.find((entry) => entry.seq === seq) ?? null);
  }

  idOf(seq: number): number | null {
    return this.entry(seq)?.id ?? null;
  }
}
