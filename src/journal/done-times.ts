/**
 * When a lane was done with its events, kept so sparsely that it costs next to nothing: marks that say "at this time it was done
 * with everything up to this seq, and with nothing after it", about one a second. An event was finished between the mark before it
 * and the mark at or after it. Marks are kept in chunks by seq; one takes three or four bytes.
 */

export interface DoneMark {
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** Milliseconds since 1970; null where nothing is known. */
export interface DoneBetween {
  after: number | null;
  before: number | null;
}

/** The marks with a seq of this chunk, encoded. `bytes` are never changed, but replaced. */
export interface DoneChunk {
  number: number;
  bytes: Uint8Array;
}

const CHUNK_SEQS = 512;
const EVERY_MS = 1000;

export function doneChunkOf(seq: number): number {
  return Math.floor(seq / CHUNK_SEQS);
}

/** The marks of one lane on their way to where they are stored. */
export class DoneTimes {
  #chunk: DoneChunk | null;
  #last: DoneMark | null;
  /** Later than the last mark, and kept only in memory so far. */
  #newest: DoneMark | null = null;

  /** @param chunk the lane's last one, if it has any */
  constructor(chunk: DoneChunk | null) {
    this.#chunk = chunk;
    this.#last = (chunk && marksOf(chunk).at(-1)) ?? null;
  }

  /** @returns chunks that are to be stored; most often none */
  reached(mark: DoneMark): DoneChunk[] {
    const last = this.#last;
    const newest = this.#newest;
    if (mark.seq <= ((newest ?? last)?.seq ?? 0)) return [];
    if (last && isSoon(last, mark)) {
      this.#newest = mark;
      return [];
    }
    // without the newest, the events up to it would seem to have taken until now
    const wait = newest !== null && isSoon(newest, mark);
    this.#newest = wait ? mark : null;
    return this.#keep([...(newest ? [newest] : []), ...(wait ? [] : [mark])]);
  }

  /** Keeps what was not kept, being too soon after the last: there may not be more. */
  rest(): DoneChunk[] {
    const newest = this.#newest;
    this.#newest = null;
    return newest ? this.#keep([newest]) : [];
  }

  /** The lane was moved to this place; what it does from here on it does after this time. */
  moved(mark: DoneMark, chunk: DoneChunk | null): DoneChunk[] {
    const kept = (chunk ? marksOf(chunk) : []).filter(({ seq }) => seq <= mark.seq);
    this.#newest = null;
    this.#last = null;
    this.#chunk = null;
    return this.#keep([...kept, mark]);
  }

  /** What is known only here, for whoever looks among those that are stored. */
  get fresh(): { chunk: DoneChunk | null; newest: DoneMark | null } {
    return { chunk: this.#chunk, newest: this.#newest };
  }

  #keep(marks: readonly DoneMark[]): DoneChunk[] {
    const chunks = new Map<number, DoneChunk>();
    for (const mark of marks) {
      const number = doneChunkOf(mark.seq);
      const before = this.#chunk?.number === number ? this.#chunk : null;
      const from = before && this.#last ? this.#last : { seq: number * CHUNK_SEQS, at: 0 };
      const bytes = [...encoded(mark.seq - from.seq), ...encoded(zigzag(mark.at - from.at))];
      this.#chunk = { number, bytes: Buffer.concat([before?.bytes ?? Buffer.alloc(0), Buffer.from(bytes)]) };
      this.#last = mark;
      chunks.set(number, this.#chunk);
    }
    return [...chunks.values()];
  }
}

/** When the event at `seq` was finished. @param chunks its own, and those of the marks before and after it, in any order */
export function doneBetween(
  seq: number,
  chunks: readonly DoneChunk[],
  { chunk, newest }: DoneTimes["fresh"] = { chunk: null, newest: null },
): DoneBetween {
  const byNumber = new Map(chunks.map((each) => [each.number, each]));
  if (chunk) byNumber.set(chunk.number, chunk);
  const marks = [...byNumber.values()].toSorted((a, b) => a.number - b.number).flatMap(marksOf);
  if (newest) marks.push(newest);
  const before = marks.find((mark) => mark.seq >= seq)?.at ?? null;
  const after = marks.findLast((mark) => mark.seq < seq)?.at ?? null;
  return doneAfter(after, { after: null, before });
}

/** The same, knowing too that it was not finished before this time. */
export function doneAfter(at: number | null, { after, before }: DoneBetween): DoneBetween {
  // one later than the end tells of a clock that was set back
  const starts = [at, after].filter((start) => start !== null && (before === null || start <= before));
  return { after: starts.length > 0 ? Math.max(...(starts as number[])) : null, before };
}

/** In the order in which they were made. Of damaged bytes, what can be read. */
export function marksOf({ number, bytes }: DoneChunk): DoneMark[] {
  const marks: DoneMark[] = [];
  let mark: DoneMark = { seq: number * CHUNK_SEQS, at: 0 };
  for (const [steps, ms] of pairs(decoded(bytes))) {
    mark = { seq: mark.seq + steps, at: mark.at + unzigzag(ms) };
    marks.push(mark);
  }
  return marks;
}

function isSoon(a: DoneMark, b: DoneMark): boolean {
  return Math.abs(b.at - a.at) < EVERY_MS;
}

/** Whole numbers below 2^53, seven bits a byte, the lowest first; the highest bit says that more follow. */
function encoded(value: number): number[] {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128);
  return [...bytes, left];
}

function decoded(bytes: Uint8Array): number[] {
  const values: number[] = [];
  let value = 0;
  let place = 1;
  for (const byte of bytes) {
    value += (byte % 128) * place;
    place *= 128;
    if (byte >= 128) continue;
    values.push(value);
    value = 0;
    place = 1;
  }
  return values;
}

function* pairs(values: readonly number[]): Generator<[number, number]> {
  for (let at = 0; at + 1 < values.length; at += 2) yield [values[at]!, values[at + 1]!];
}

/** Small for what is near to zero on either side. */
function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
