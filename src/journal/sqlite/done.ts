/** When lanes were done with their events, as stored; see `../done-times.ts`. */
import { statSync } from "node:fs";
import { crc32 } from "node:zlib";
import {
  type DoneBetween,
  type DoneChunk,
  type DoneMark,
  DoneTimes,
  doneBetween,
  doneChunkOf,
} from "../done-times.ts";
import type { Database } from "./database.ts";
import { LANE_STRIDE } from "./hand-over.ts";

export interface DoneRow {
  place: number;
  marks: Uint8Array;
  checksum: number;
}

export class DoneEvents {
  readonly #database: Database;
  readonly #near;
  readonly #last;
  readonly #upsert;
  readonly #deleteAfter;
  readonly #deleteBefore;
  readonly #lanes = new Map<number, DoneTimes>();
  /** By their place. */
  readonly #toStore = new Map<number, Uint8Array>();

  constructor(database: Database) {
    this.#database = database;
    this.#near = database.prepare(
      `SELECT * FROM (SELECT * FROM done WHERE place BETWEEN ?1 AND ?2 ORDER BY place DESC LIMIT 2)
       UNION ALL SELECT * FROM (SELECT * FROM done WHERE place > ?2 AND place < ?3 ORDER BY place LIMIT 1)`,
    );
    this.#last = database.prepare(
      "SELECT * FROM done WHERE place BETWEEN ? AND ? ORDER BY place DESC LIMIT 1",
    );
    this.#upsert = database.prepare("INSERT OR REPLACE INTO done (place, marks, checksum) VALUES (?, ?, ?)");
    this.#deleteAfter = database.prepare("DELETE FROM done WHERE place > ? AND place < ?");
    this.#deleteBefore = database.prepare("DELETE FROM done WHERE place >= ? AND place < ?");
  }

  /** @returns whether there is something to store */
  reached(lane: number, mark: DoneMark): boolean {
    return this.#take(lane, this.#of(lane).reached(mark));
  }

  /** Nothing more may come of this lane, or of any. @returns whether there is something to store */
  rest(lane?: number): boolean {
    const lanes = lane === undefined ? [...this.#lanes.keys()] : [lane];
    return lanes.filter((each) => this.#take(each, this.#of(each).rest())).length > 0;
  }

  /** To be called in a transaction. */
  moved(lane: number, mark: DoneMark): void {
    const times = this.#of(lane);
    const { chunk } = times.fresh;
    const place = placeOf(lane, doneChunkOf(mark.seq));
    const there = chunk && placeOf(lane, chunk.number) === place ? chunk : this.#chunkAt(place);
    this.#deleteAfter.run(place, placeOf(lane + 1, 0));
    for (const each of this.#toStore.keys())
      if (each > place && each < placeOf(lane + 1, 0)) this.#toStore.delete(each);
    this.#take(lane, times.moved(mark, there));
  }

  /** To be called in a transaction. */
  write(): void {
    for (const [place, marks] of this.#toStore) this.#upsert.run(place, marks, checksumOf(place, marks));
  }

  written(): void {
    this.#toStore.clear();
  }

  /** After a transaction was taken back: what is in memory may not be so. */
  forget(): void {
    this.#toStore.clear();
    this.#lanes.clear();
  }

  /** Forgets the events up to this one. To be called in a transaction. */
  forgetUpTo(lane: number, seq: number): void {
    this.#deleteBefore.run(placeOf(lane, 0), placeOf(lane, doneChunkOf(seq)));
  }

  between(lane: number, seq: number): DoneBetween {
    const place = placeOf(lane, doneChunkOf(seq));
    const rows = this.#database.run(() => this.#near.all(placeOf(lane, 0), place, placeOf(lane + 1, 0)));
    const chunks = (rows as unknown as DoneRow[]).flatMap((row) => chunkOf(row) ?? []);
    return doneBetween(seq, chunks, this.#of(lane).fresh);
  }

  #of(lane: number): DoneTimes {
    let times = this.#lanes.get(lane);
    if (!times) {
      const row = this.#database.run(() => this.#last.get(placeOf(lane, 0), placeOf(lane + 1, 0) - 1));
      times = new DoneTimes(row ? chunkOf(row as unknown as DoneRow) : null);
      this.#lanes.set(lane, times);
    }
    return times;
  }

  #chunkAt(place: number): DoneChunk | null {
    const row = this.#database.run(() => this.#last.get(place, place));
    return row ? chunkOf(row as unknown as DoneRow) : null;
  }

  #take(lane: number, chunks: readonly DoneChunk[]): boolean {
    for (const { number, bytes } of chunks) this.#toStore.set(placeOf(lane, number), bytes);
    return chunks.length > 0;
  }
}

/** When a slot was last written to; null when it is not there. */
export function slotWrittenAt(file: string): number | null {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? null;
}

/** null when the row is not what was written: times that are lost make an answer wider, and nothing else. */
export function chunkOf({ place, marks, checksum }: DoneRow): DoneChunk | null {
  return checksumOf(place, marks) === checksum ? { number: place % LANE_STRIDE, bytes: marks } : null;
}

export function rowOf(lane: number, { number, bytes }: DoneChunk): DoneRow {
  const place = placeOf(lane, number);
  return { place, marks: bytes, checksum: checksumOf(place, bytes) };
}

function placeOf(lane: number, chunk: number): number {
  return lane * LANE_STRIDE + chunk;
}

/** The turned-round start keeps such a row apart from one of `handed` in a damaged file. */
function checksumOf(place: number, marks: Uint8Array): number {
  return crc32(marks, ~(place % LANE_STRIDE) >>> 0);
}
