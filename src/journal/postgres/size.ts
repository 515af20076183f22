/**
 * How large the journal is: the table keeps what is freed, so its own size says nothing. What a daemon appends or follows is counted;
 * what was there before is reckoned from a sample, until `measure` is asked for it.
 */
import type { Engine, Session } from "./engine.ts";

/** Events, spread over all, that those before the start are judged by. */
const SAMPLE = 1000;
/** What an event takes beside its text, with its places in two indexes, roughly. */
export const ROW_BYTES = 150;
/** Seqs that are counted as one. */
const SLICE = 500;
/** Events that are measured with one question: few enough for a slow disk. */
const MEASURED_AT_ONCE = 20_000;

/** Of seqs, with `last`. */
interface Stretch {
  first: number;
  last: number;
  bytes: number;
  /** By what others take: nobody has looked at just these. */
  reckoned: boolean;
}

type Range = Pick<Stretch, "first" | "last">;

export class JournalSize {
  /** Without gaps, oldest first. */
  #stretches: Stretch[] = [];
  #bytes = 0;
  #last: number;
  #removed = 0;

  /** @param stored with the mean of their texts, bytes; null: nothing is */
  constructor(stored: { first: number; last: number; mean: number } | null) {
    this.#last = stored ? stored.first - 1 : 0;
    if (stored) this.#reckon(stored.last, stored.mean + ROW_BYTES);
  }

  get bytes(): number {
    return Math.round(this.#bytes);
  }

  /** These come after what was. One that is counted already is not counted again. */
  add(events: readonly { seq: number; json: string }[]): void {
    for (const { seq, json } of events) {
      if (seq <= this.#last) continue;
      this.grownTo(seq - 1);
      const newest = this.#stretches.at(-1);
      const bytes = Buffer.byteLength(json) + ROW_BYTES;
      this.#bytes += bytes;
      this.#last = seq;
      if (newest && !newest.reckoned && sliceOf(newest.last) === sliceOf(seq)) {
        newest.last = seq;
        newest.bytes += bytes;
      } else this.#stretches.push({ first: seq, last: seq, bytes, reckoned: false });
    }
  }

  /** What came up to here without being seen is taken to be as large as what was. */
  grownTo(lastSeq: number): void {
    const first = this.#stretches[0]?.first;
    const each = first === undefined ? ROW_BYTES : this.#bytes / (this.#last - first + 1);
    this.#reckon(lastSeq, each);
  }

  /** Everything up to here is gone. */
  removedTo(seq: number): void {
    this.#removed = Math.max(this.#removed, seq);
    const gone = this.#stretches.findIndex(({ last }) => last > seq);
    for (const { bytes } of this.#stretches.splice(0, gone < 0 ? Infinity : gone)) this.#bytes -= bytes;
    this.#last = Math.max(this.#last, seq);
    const [oldest] = this.#stretches;
    if (!oldest) this.#bytes = 0;
    else if (oldest.first <= seq) this.#bytes -= cut(oldest, seq + 1);
  }

  /** The newest that are only reckoned, at most so many; null: all is counted or measured. */
  reckoned(most: number): Range | null {
    const stretch = this.#stretches.findLast(({ reckoned }) => reckoned);
    if (!stretch) return null;
    return { first: Math.max(stretch.first, stretch.last - most + 1), last: stretch.last };
  }

  /** @param seen bytes of what there is of the range, by slice */
  measured({ first, last }: Range, seen: ReadonlyMap<number, number>): void {
    const at = this.#stretches.findIndex((stretch) => stretch.reckoned && stretch.last === last);
    const stretch = this.#stretches[at];
    // it was removed meanwhile
    if (!stretch) return;
    const exact: Stretch[] = [];
    for (let from = first; from <= last; from = exact.at(-1)!.last + 1) {
      const slice = sliceOf(from);
      const to = Math.min(last, (slice + 1) * SLICE);
      exact.push({ first: from, last: to, bytes: seen.get(slice) ?? 0, reckoned: false });
    }
    this.#stretches.splice(at + 1, 0, ...exact);
    for (const { bytes } of exact) this.#bytes += bytes;
    this.#bytes -= this.#shorten(at, first - 1);
    this.removedTo(this.#removed);
  }

  /** Leaves what ends there. @returns the bytes that it lost */
  #shorten(at: number, last: number): number {
    const stretch = this.#stretches[at]!;
    const left = Math.max(0, last - stretch.first + 1);
    if (left === 0) this.#stretches.splice(at, 1);
    const lost = stretch.bytes * (1 - left / (stretch.last - stretch.first + 1));
    stretch.bytes -= lost;
    stretch.last = last;
    return lost;
  }

  #reckon(lastSeq: number, each: number): void {
    if (lastSeq <= this.#last) return;
    const bytes = (lastSeq - this.#last) * each;
    this.#stretches.push({ first: this.#last + 1, last: lastSeq, bytes, reckoned: true });
    this.#bytes += bytes;
    this.#last = lastSeq;
  }
}

export async function readSize(session: Session): Promise<JournalSize> {
  const [stored] = await session.rows<{ first: number; last: number; mean: number }>(
    `SELECT first, last, (
       SELECT coalesce(avg(octet_length(json)), 0)::float8 FROM event
       WHERE seq = ANY (ARRAY(SELECT first + (last - first) * n / ${SAMPLE - 1} FROM generate_series(0, ${SAMPLE - 1}) AS n))
     ) AS mean
     FROM (SELECT min(seq) AS first, max(seq) AS last FROM event) AS ends WHERE first IS NOT NULL`,
  );
  return new JournalSize(stored ?? null);
}

/** Looks at everything that is only reckoned, newest first, a part at a time: what was measured stays so. */
export async function measure(engine: Engine, size: JournalSize): Promise<void> {
  for (;;) {
    const range = size.reckoned(MEASURED_AT_ONCE);
    if (!range) return;
    const rows = await engine.patiently(() =>
      engine.rows<{ slice: number; bytes: number }>(
        `SELECT (seq - 1) / ${SLICE} AS slice, sum(octet_length(json) + ${ROW_BYTES}) AS bytes
         FROM event WHERE seq BETWEEN $1 AND $2 GROUP BY slice`,
        [range.first, range.last],
      ),
    );
    size.measured(range, new Map(rows.map(({ slice, bytes }) => [slice, bytes])));
  }
}

function sliceOf(seq: number): number {
  return Math.floor((seq - 1) / SLICE);
}

/** Leaves what begins there, which is less exact than the whole. @returns the bytes that it lost */
function cut(stretch: Stretch, first: number): number {
  const lost = (stretch.bytes * (first - stretch.first)) / (stretch.last - stretch.first + 1);
  stretch.bytes -= lost;
  stretch.first = first;
  stretch.reckoned = true;
  return lost;
}
