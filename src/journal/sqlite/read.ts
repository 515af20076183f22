/** Reading events that are no longer in memory. */
import type { WireEvent } from "../../event.ts";
import { parseExact } from "../../json.ts";
import type { JournalEntry, JournalPage } from "../journal.ts";
import { eventChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { corrupt } from "./trouble.ts";

/** Columns of `event` in the order of the table. */
export type EventRow<Json = string> = [
  seq: number,
  generation: number,
  id: number,
  event_type: string,
  attribute_name: string | null,
  json: Json,
  appended_at: number,
  checksum: number,
];

export const COLUMNS = "seq, generation, id, event_type, attribute_name, json, appended_at, checksum";
/** With the text as its bytes, as a page wants it. */
export const PAGE_COLUMNS = COLUMNS.replace("json", "CAST(json AS BLOB)");

/** Consecutive events after `afterSeq`; the first of them may stand behind a hole that a repair left. */
export function pageReader(database: Database): (afterSeq: number, limit: number) => JournalPage {
  const select = database.prepare(`SELECT ${PAGE_COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?`);
  select.setReturnArrays(true);
  return (afterSeq, limit) => {
    const rows = database.run(() => select.all(afterSeq, limit)) as unknown as EventRow<Uint8Array>[];
    const hole = rows.findIndex(([seq], at) => at > 0 && seq !== rows[at - 1]![0] + 1);
    return pageOf(hole < 0 ? rows : rows.slice(0, hole), database.file);
  };
}

/** @throws STATE_CORRUPT */
export function pageOf(rows: readonly EventRow<Uint8Array>[], file: string): JournalPage {
  const entries: JournalEntry[] = [];
  const pieces: Uint8Array[] = [];
  let start = 0;
  for (const row of rows) {
    verify(row, file);
    const [seq, generation, id, event_type, attribute_name, json] = row;
    const end = start + json.length;
    entries.push({ seq, generation, id, event_type, attribute_name, start, end });
    pieces.push(json);
    start = end;
  }
  return { entries, bytes: joined(pieces, start) };
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Refuses what is not what was written. @throws STATE_CORRUPT */
export function verify(row: EventRow<string | Uint8Array>, file: string): void {
  const [seq, generation, id, eventType, attributeName, json, at, checksum] = row;
  if (eventChecksum(seq, generation, id, eventType, attributeName, json, at) === checksum) return;
  throw corrupt(file, `the event at place ${seq} does not match its checksum`);
}

export interface FoundEvent {
  seq: number;
  generation: number;
  event: WireEvent;
}

/** The event with this id in the newest generation that has it. */
export function eventFinder(database: Database): (eventId: number) => FoundEvent | null {
  const select = database.prepare(`SELECT ${COLUMNS} FROM event WHERE generation = ? AND id = ?`);
  const newest = database.prepare("SELECT max(generation) AS generation FROM event WHERE generation < ?");
  select.setReturnArrays(true);
  return (eventId) =>
    database.run(() => {
      let generation: number | null = Number.MAX_SAFE_INTEGER;
      for (;;) {
        generation = newest.get(generation)!.generation as number | null;
        if (generation === null) return null;
        const row = select.get(generation, eventId) as unknown as EventRow | undefined;
        if (row) return found(row, database.file);
      }
    });
}

/** By descending id, at most `limit`. */
export function newestReader(
  database: Database,
): (generation: number, maxId: number, limit: number) => { id: number; event: WireEvent }[] {
  const select = database.prepare(
    `SELECT ${COLUMNS} FROM event WHERE generation = ? AND id <= ? ORDER BY id DESC LIMIT ?`,
  );
  select.setReturnArrays(true);
  return (generation, maxId, limit) => {
    const rows = database.run(() => select.all(generation, maxId, limit)) as unknown as EventRow[];
    return rows.map((row) => ({ id: row[2], event: found(row, database.file).event }));
  };
}

/** Lowest and highest id of a generation among the events up to `seq`; null when there are none. */
export function idBounds(
  database: Database,
): (generation: number, seq: number) => { lowest: number; highest: number } | null {
  const bound = (order: "ASC" | "DESC") =>
    database.prepare(`SELECT id FROM event WHERE generation = ? AND seq <= ? ORDER BY id ${order} LIMIT 1`);
  const [first, last] = [bound("ASC"), bound("DESC")];
  return (generation, seq) =>
    database.run(() => {
      const lowest = first.get(generation, seq)?.id as number | undefined;
      if (lowest === undefined) return null;
      return { lowest, highest: last.get(generation, seq)!.id as number };
    });
}

/** Whether a range that was given up in this generation holds the id. */
export function neverFinder(database: Database): (generation: number, id: number) => boolean {
  const select = database.prepare(
    "SELECT 1 FROM never WHERE generation = ? AND first <= ? AND last >= ? LIMIT 1",
  );
  return (generation, id) => database.run(() => select.get(generation, id, id)) !== undefined;
}

/** The ranges that were given up, newest first. */
export function neverRangesReader(
  database: Database,
): (limit: number) => { generation: number; first: number; last: number }[] {
  const select = database.prepare("SELECT generation, first, last FROM never ORDER BY number DESC LIMIT ?");
  return (limit) =>
    database
      .run(() => select.all(limit))
      .map(({ generation, first, last }) => ({
        generation: generation as number,
        first: first as number,
        last: last as number,
      }));
}

function found(row: EventRow, file: string): FoundEvent {
  verify(row, file);
  return { seq: row[0], generation: row[1], event: parseExact(row[5]) as WireEvent };
}
