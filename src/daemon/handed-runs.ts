/** The runs that are with a host: which events they hold, and how far the host is through with them. */
import type { JournalPage } from "../journal/journal.ts";
import type { RunItem } from "./host.ts";

/** So many are given whatever their size: the host never waits for the next while there is one. */
const ALWAYS = 2;
/**
 * Beyond those, until so much text is with the host, or so many runs. While the site is read as fast as it answers, a lane's turn comes
 * after several pages: a quick plugin would be through with two runs long before.
 */
const BYTES = 1024 * 1024;
const AT_MOST = 8;

type Entry = JournalPage["entries"][number];

interface HandedRun {
  /** Of consecutive seqs, but for those of a replay. */
  entries: readonly Entry[];
  firstSeq: number;
  to: number;
  /** The last seq in it that the host has; 0 when it has none. */
  lastMatched: number;
  /** Of the text that the host has. */
  bytes: number;
}

export class HandedRuns {
  #runs: HandedRun[] = [];

  /** True while the host has enough to do. */
  get enough(): boolean {
    const count = this.#runs.length;
    if (count < ALWAYS) return false;
    return count >= AT_MOST || this.#runs.reduce((sum, { bytes }) => sum + bytes, 0) >= BYTES;
  }

  /** @param items what the host has of these */
  add(entries: readonly Entry[], items: readonly RunItem[]): void {
    const bytes = items.reduce((sum, { start, end }) => sum + end - start, 0);
    const lastMatched = items.at(-1)?.seq ?? 0;
    this.#runs.push({ entries, firstSeq: entries[0]!.seq, to: entries.at(-1)!.seq, lastMatched, bytes });
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
