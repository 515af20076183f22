/** Which seqs were handed to a lane's host: one bit each, in chunks that are rewritten whole. */
import { crc32 } from "node:zlib";
import type { Database } from "./database.ts";
import { corrupt } from "./trouble.ts";

export const CHUNK_SEQS = 2048;
const CHUNK_BYTES = CHUNK_SEQS / 8;
/** `place` of a chunk: lane number times this, plus number of the chunk. */
export const LANE_STRIDE = 2 ** 32;

interface Chunk {
  place: number;
  bits: Buffer;
}

export class HandedEvents {
  readonly #database: Database;
  readonly #select;
  readonly #upsert;
  readonly #places;
  /** The chunk that each lane wrote last. */
  readonly #current = new Map<number, Chunk>();

  constructor(database: Database) {
    this.#database = database;
    this.#select = database.prepare("SELECT bits, checksum FROM handed WHERE place = ?");
    this.#places = database.prepare(
      "SELECT place FROM handed WHERE place >= ? AND place < ? ORDER BY place DESC",
    );
    this.#upsert = database.prepare("INSERT OR REPLACE INTO handed (place, bits, checksum) VALUES (?, ?, ?)");
  }

  /** Of `from`…`to`, exactly `matched` went to the host. To be called in a transaction. */
  write(lane: number, from: number, to: number, matched: readonly number[]): void {
    let next = 0;
    for (let first = from; first <= to; ) {
      const last = Math.min(to, (Math.floor(first / CHUNK_SEQS) + 1) * CHUNK_SEQS - 1);
      const chunk = this.#load(placeOf(lane, first));
      clear(chunk.bits, first % CHUNK_SEQS, last % CHUNK_SEQS);
      for (; next < matched.length && matched[next]! <= last; next += 1)
        set(chunk.bits, matched[next]! % CHUNK_SEQS);
      this.#upsert.run(chunk.place, chunk.bits, crc32(chunk.bits, chunk.place % LANE_STRIDE));
      this.#current.set(lane, chunk);
      first = last + 1;
    }
  }

  has(lane: number, seq: number): boolean {
    const { bits } = this.#load(placeOf(lane, seq));
    const at = seq % CHUNK_SEQS;
    return (bits[at >> 3]! & (1 << (at & 7))) !== 0;
  }

  /** The highest seq that was handed to the lane's host; 0 when there is none. */
  last(lane: number): number {
    const rows = this.#database.run(() =>
      this.#places.all(lane * LANE_STRIDE, (lane + 1) * LANE_STRIDE),
    ) as unknown as { place: number }[];
    for (const { place } of rows) {
      const { bits } = this.#load(place);
      const byte = bits.findLastIndex((value) => value !== 0);
      if (byte < 0) continue;
      return (place % LANE_STRIDE) * CHUNK_SEQS + byte * 8 + 31 - Math.clz32(bits[byte]!);
    }
    return 0;
  }

  /** After a transaction was taken back: what is in memory may not be stored. */
  forget(): void {
    this.#current.clear();
  }

  #load(place: number): Chunk {
    const current = this.#current.get(Math.floor(place / LANE_STRIDE));
    if (current?.place === place) return current;
    const row = this.#database.run(() => this.#select.get(place)) as
      | { bits: Uint8Array; checksum: number }
      | undefined;
    if (!row) return { place, bits: Buffer.alloc(CHUNK_BYTES) };
    if (row.bits.length !== CHUNK_BYTES || crc32(row.bits, place % LANE_STRIDE) !== row.checksum) {
      throw corrupt(this.#database.file, "the record of handed-over events does not match its checksum");
    }
    return { place, bits: Buffer.from(row.bits) };
  }
}

export function placeOf(lane: number, seq: number): number {
  return lane * LANE_STRIDE + Math.floor(seq / CHUNK_SEQS);
}

function set(bits: Buffer, at: number): void {
  bits[at >> 3]! |= 1 << (at & 7);
}

function clear(bits: Buffer, from: number, to: number): void {
  for (let at = from; at <= to; at += 1) bits[at >> 3]! &= ~(1 << (at & 7));
}
