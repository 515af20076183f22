/** Reading events that are not in memory. */
import type { WireEvent } from "../../event.ts";
import { parseExact } from "../../json.ts";
import type { JournalEntry, JournalPage } from "../journal.ts";
import type { AppendedEvent } from "../recent.ts";
import type { Session } from "./engine.ts";

export interface FoundEvent {
  seq: number;
  generation: number;
  event: WireEvent;
}

export const COLUMNS = "seq, generation, id, event_type, attribute_name, json";
const encoder = new TextEncoder();

export function readEvents(
  session: Session,
  { afterSeq, limit, withinMs }: { afterSeq: number; limit: number; withinMs?: number },
): Promise<AppendedEvent[]> {
  return session.rows<AppendedEvent>(
    `SELECT ${COLUMNS} FROM event WHERE seq > $1 ORDER BY seq LIMIT $2`,
    [afterSeq, limit],
    "page",
    withinMs,
  );
}

/** Those before the first hole: a state that was moved here may have some, which a repair had left. */
export function consecutive(events: readonly AppendedEvent[]): readonly AppendedEvent[] {
  const hole = events.findIndex(({ seq }, at) => at > 0 && seq !== events[at - 1]!.seq + 1);
  return hole < 0 ? events : events.slice(0, hole);
}

export function pageOf(events: readonly AppendedEvent[]): JournalPage {
  const entries: JournalEntry[] = [];
  let at = 0;
  for (const { seq, generation, id, event_type, attribute_name, json } of events) {
    const start = at;
    at += Buffer.byteLength(json);
    entries.push({ seq, generation, id, event_type, attribute_name, start, end: at });
  }
  return { entries, bytes: encoder.encode(events.map(({ json }) => json).join("")) };
}

/** Each in the newest generation that has it. */
export async function findEvents(session: Session, ids: readonly number[]): Promise<Map<number, FoundEvent>> {
  const rows = await session.rows<AppendedEvent>(
    `SELECT DISTINCT ON (id) ${COLUMNS} FROM event WHERE id = ANY ($1::bigint[])
     AND generation = ANY (SELECT DISTINCT generation FROM event) ORDER BY id, generation DESC`,
    [ids],
  );
  return new Map(rows.map((row) => [row.id, found(row)]));
}

/** By descending id. */
export async function newestById(
  session: Session,
  generation: number,
  maxId: number,
  limit: number,
): Promise<{ id: number; event: WireEvent }[]> {
  const rows = await session.rows<AppendedEvent>(
    `SELECT ${COLUMNS} FROM event WHERE generation = $1 AND id <= $2 ORDER BY id DESC LIMIT $3`,
    [generation, maxId, limit],
  );
  return rows.map((row) => ({ id: row.id, event: found(row).event }));
}

/** Lowest and highest id of a generation among the events up to `seq`; null when there are none. */
export async function idBounds(
  session: Session,
  generation: number,
  seq: number,
): Promise<{ lowest: number; highest: number } | null> {
  const [row] = await session.rows<{ lowest: number | null; highest: number | null }>(
    "SELECT min(id) AS lowest, max(id) AS highest FROM event WHERE generation = $1 AND seq <= $2",
    [generation, seq],
  );
  if (row?.lowest == null || row.highest == null) return null;
  return { lowest: row.lowest, highest: row.highest };
}

export async function neverHappened(session: Session, generation: number, id: number): Promise<boolean> {
  const rows = await session.rows(
    "SELECT 1 FROM never WHERE generation = $1 AND first <= $2 AND last >= $2 LIMIT 1",
    [generation, id],
  );
  return rows.length > 0;
}

/** The ranges that were given up, newest first. */
export function neverRanges(
  session: Session,
  limit: number,
): Promise<{ generation: number; first: number; last: number }[]> {
  return session.rows("SELECT generation, first, last FROM never ORDER BY number DESC LIMIT $1", [limit]);
}

function found({ seq, generation, json }: AppendedEvent): FoundEvent {
  return { seq, generation, event: parseExact(json) as WireEvent };
}
