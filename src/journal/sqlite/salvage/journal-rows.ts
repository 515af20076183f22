/** Which of the rows found in a damaged `journal.sqlite` are real: only what matches its own checksum. */
import { eventChecksum, rowChecksum } from "../checksum.ts";
import type { EventRow } from "../read.ts";
import { parseStanding, type Standing } from "../standing.ts";
import { type Row, type Value, whole } from "./record.ts";

export function asEvent({ rowid, columns }: Row): EventRow | null {
  if (columns.length !== 8) return null;
  const [, generation, id, eventType, attribute, json, at, checksum] = columns as [...Value[]];
  if (
    !whole(rowid, generation, id, at, checksum) ||
    typeof eventType !== "string" ||
    typeof json !== "string"
  ) {
    return null;
  }
  if (attribute !== null && typeof attribute !== "string") return null;
  const row = [rowid, generation, id, eventType, attribute, json, at, checksum] as EventRow;
  const [seq, ...rest] = row;
  return eventChecksum(seq, rest[0], rest[1], rest[2], rest[3], rest[4], rest[5]) === checksum ? row : null;
}

export function asStanding({ rowid, columns }: Row): Standing | null {
  const [, last_seq, removed_seq, generation, position, gaps, version, checksum] = columns;
  if (columns.length !== 8 || rowid !== 1 || typeof gaps !== "string") return null;
  if (!whole(last_seq, removed_seq, generation, position, version, checksum)) return null;
  return parseStanding({ last_seq, removed_seq, generation, position, gaps, version, checksum } as Parameters<
    typeof parseStanding
  >[0]);
}

export interface NeverRow {
  generation: number;
  first: number;
  last: number;
  checksum: number;
}

export function asNever({ columns }: Row): NeverRow | null {
  const [, generation, first, last, checksum] = columns;
  if (columns.length !== 5 || !whole(generation, first, last, checksum)) return null;
  const row = { generation, first, last, checksum } as NeverRow;
  return rowChecksum(row.generation, row.first, row.last) === checksum ? row : null;
}
