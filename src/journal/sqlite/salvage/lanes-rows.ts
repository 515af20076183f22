/** Which of the rows found in a damaged `lanes.sqlite` are real: only what matches its own checksum. */
import { crc32 } from "node:zlib";
import { rowChecksum } from "../checksum.ts";
import { chunkOf, type DoneRow } from "../done.ts";
import { LANE_STRIDE } from "../hand-over.ts";
import { type InheritedRow, parseInherited } from "../inherited.ts";
import { checksumOf, LANE_COLUMNS, type Lane, type LaneRow, parseLane } from "../lane-rows.ts";
import { type Mark, parseMark } from "../marks.ts";
import { isAction, isPassed, isPaused } from "../operators.ts";
import { outcomeChecksum } from "../outcomes.ts";
import { type Row, whole } from "./record.ts";

export function asLane({ rowid, columns }: Row): Lane | null {
  if (columns.length !== LANE_COLUMNS.length + 1) return null;
  const values = [rowid, ...columns.slice(1)];
  const row = Object.fromEntries(
    LANE_COLUMNS.map((name, index) => [name, values[index]]),
  ) as unknown as LaneRow;
  return checksumOf(row) === values.at(-1) ? parseLane(row) : null;
}

export function asMark({ rowid, columns }: Row): Mark | null {
  const [, reader, checksum] = columns;
  if (columns.length !== 3 || typeof reader !== "string" || typeof checksum !== "number") return null;
  return parseMark({ seq: rowid, reader, checksum });
}

export function asInherited({ rowid, columns }: Row): InheritedRow | null {
  const [, id, list, checksum] = columns;
  if (columns.length !== 4 || typeof id !== "string" || typeof list !== "string") return null;
  if (typeof checksum !== "number") return null;
  const row = { lane: rowid, id, list, checksum };
  return parseInherited(row) && row;
}

export interface HandedRow {
  place: number;
  bits: Buffer;
  checksum: number;
}

export function asHanded({ rowid, columns }: Row): HandedRow | null {
  const [, bits, checksum] = columns;
  if (columns.length !== 3 || !Buffer.isBuffer(bits) || typeof checksum !== "number") return null;
  return crc32(bits, rowid % LANE_STRIDE) === checksum ? { place: rowid, bits, checksum } : null;
}

export function asDone({ rowid, columns }: Row): DoneRow | null {
  const [, marks, checksum] = columns;
  if (columns.length !== 3 || !Buffer.isBuffer(marks) || typeof checksum !== "number") return null;
  const row = { place: rowid, marks, checksum };
  return chunkOf(row) && row;
}

export interface SalvagedOutcome {
  number: number;
  columns: [lane: number, seq: number, kind: string, failure: string, checksum: number, print: string];
}

export function asOutcome({ rowid, columns }: Row): SalvagedOutcome | null {
  // rows from before there was a fingerprint end before it
  const [, lane, seq, kind, failure, checksum, print = ""] = columns;
  if (columns.length < 6 || columns.length > 7 || !whole(lane, seq, checksum)) return null;
  if (kind !== "failed" && kind !== "skipped") return null;
  if (typeof failure !== "string" || typeof print !== "string") return null;
  const row = { lane: lane as number, seq: seq as number, kind, failure, print } as const;
  if (outcomeChecksum(row) !== checksum) return null;
  return { number: rowid, columns: [row.lane, row.seq, kind, failure, checksum, print] };
}

/** Columns of `lost` without its number. */
export function asLost({ columns }: Row): number[] | null {
  if (columns.length !== 8 || !whole(...columns.slice(1))) return null;
  const row = columns.slice(1) as number[];
  return rowChecksum(...row.slice(0, -1)) === row.at(-1) ? row : null;
}

/** Columns of `paused` without its lane. */
export function asPaused({ rowid, columns }: Row): [note: string, checksum: number] | null {
  const [, note, checksum] = columns;
  if (columns.length !== 3 || typeof note !== "string" || typeof checksum !== "number") return null;
  return isPaused({ lane: rowid, note, checksum }) ? [note, checksum] : null;
}

type PassedColumns = [lane: number, first: number, last: number, note: string, checksum: number];

/** Columns of `passed` without its number. */
export function asPassed({ columns }: Row): PassedColumns | null {
  const [, lane, first_seq, last_seq, note, checksum] = columns;
  if (columns.length !== 6 || !whole(lane, first_seq, last_seq, checksum)) return null;
  if (typeof note !== "string") return null;
  const row = columns.slice(1) as PassedColumns;
  return isPassed({ lane: row[0], first_seq: row[1], last_seq: row[2], note, checksum: row[4] }) ? row : null;
}

/** Columns of `action` without its number. */
export function asAction({ columns }: Row): [at: number, action: string, checksum: number] | null {
  const [, at, action, checksum] = columns;
  if (columns.length !== 4 || !whole(at, checksum) || typeof action !== "string") return null;
  const row: [number, string, number] = [at as number, action, checksum as number];
  return isAction({ at: row[0], action, checksum: row[2] }) ? row : null;
}
