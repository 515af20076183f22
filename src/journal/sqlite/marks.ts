/**
 * Where the reader stood at some places of the journal, kept apart from the journal: should that be lost, the reader
 * can go back to a place that every lane was through with, and nothing is skipped.
 */
import type { ReaderState } from "../journal.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";

export interface Mark {
  /** Everything the site had shown by then, but for the gaps, stands at or before this seq. */
  seq: number;
  reader: ReaderState;
}

export interface MarkRow {
  seq: number;
  reader: string;
  checksum: number;
}

const EVERY_SEQS = 1000;
const EVERY_MS = 5000;
/** With more marks than this, every second one goes. */
const MOST_MARKS = 256;

export class Marks {
  readonly #insert;
  readonly #delete;
  readonly #select;
  readonly #database: Database;
  #seqs: number[];
  #markedAt = Number.NEGATIVE_INFINITY;

  constructor(database: Database) {
    this.#insert = database.prepare("INSERT OR REPLACE INTO mark (seq, reader, checksum) VALUES (?, ?, ?)");
    this.#delete = database.prepare("DELETE FROM mark WHERE seq = ?");
    this.#select = database.prepare("SELECT * FROM mark WHERE seq = ?");
    this.#database = database;
    this.#seqs = seqsIn(database);
  }

  /** After a transaction was taken back: one that is not stored must not be what another is dropped for. */
  forget(): void {
    try {
      this.#seqs = seqsIn(this.#database);
    } catch {
      // none is dropped that is not known
      this.#seqs = [];
    }
  }

  /** null when there is none at this place, or not what was written. */
  at(seq: number): ReaderState | null {
    const row = this.#select.get(seq) as MarkRow | undefined;
    return (row && parseMark(row)?.reader) ?? null;
  }

  /** Whether the place is far enough, or long enough, after the last mark. */
  due(seq: number): boolean {
    const last = this.#seqs.at(-1);
    if (last === undefined) return true;
    return seq - last >= EVERY_SEQS || (seq > last && performance.now() - this.#markedAt >= EVERY_MS);
  }

  /** Adds a mark, and drops those that no lane needs: all below the newest one at or before `lowestCursor`. */
  write({ seq, reader }: Mark, lowestCursor: number): void {
    const text = JSON.stringify(reader);
    this.#insert.run(seq, text, rowChecksum(seq, text));
    this.#markedAt = performance.now();
    if (this.#seqs.at(-1) !== seq) this.#seqs.push(seq);
    const needed = this.#seqs.findLastIndex((at) => at <= lowestCursor);
    let kept = this.#seqs.slice(Math.max(0, needed));
    if (kept.length > MOST_MARKS)
      kept = kept.filter((_, index) => index % 2 === 0 || index === kept.length - 1);
    const keep = new Set(kept);
    for (const at of this.#seqs) if (!keep.has(at)) this.#delete.run(at);
    this.#seqs = kept;
  }
}

function seqsIn(database: Database): number[] {
  const rows = database.run(() => database.prepare("SELECT seq FROM mark ORDER BY seq").all());
  return rows.map(({ seq }) => seq as number);
}

/** null when the row is not what was written. */
export function parseMark({ seq, reader, checksum }: MarkRow): Mark | null {
  return checksum === rowChecksum(seq, reader) ? { seq, reader: JSON.parse(reader) as ReaderState } : null;
}
