/** Appending: events, ids that never happened and the reader's state in one transaction, which checks the reader's lease. */
import { stringifyExact } from "../../json.ts";
import type { AppendBatch } from "../journal.ts";
import type { AppendedEvent } from "../recent.ts";
import type { Session } from "./engine.ts";
import { GROWN } from "./notices.ts";
import { type Standing, writeStanding } from "./standing.ts";

export interface Appended {
  standing: Standing;
  events: AppendedEvent[];
  repeated: number;
}

/** @returns null when the reader's lease is another's by now. To be called in a transaction. */
export async function append(
  session: Session,
  before: Standing,
  batch: AppendBatch,
  at: Date,
): Promise<Appended | null> {
  const { events, neverHappened, reader } = batch;
  const fresh = await numbered(session, batch, before.lastSeq);
  const standing: Standing = {
    ...before,
    version: before.version + 1,
    lastSeq: before.lastSeq + fresh.length,
    reader: structuredClone(reader),
  };
  // first of all: whoever is not the reader any more waits here for the one who is, and is refused
  if (!(await writeStanding(session, before, standing))) return null;
  await insertEvents(
    session,
    fresh,
    fresh.map(() => at.getTime()),
  );
  for (const { first, last } of neverHappened) await insertNever(session, reader.generation, first, last);
  if (fresh.length > 0) await session.rows("SELECT pg_notify($1, $2)", [GROWN, String(standing.lastSeq)]);
  return { standing, events: fresh, repeated: events.length - fresh.length };
}

/** Without the ids that stand in the journal already; seqs have no holes. */
async function numbered(
  session: Session,
  { events, reader }: AppendBatch,
  lastSeq: number,
): Promise<AppendedEvent[]> {
  const { generation } = reader;
  const ids = events.map(({ id }) => id);
  const rows =
    ids.length === 0
      ? []
      : await session.rows<{ id: number }>(
          "SELECT id FROM event WHERE generation = $1 AND id = ANY ($2::bigint[])",
          [generation, ids],
          "known-ids",
        );
  const known = new Set(rows.map(({ id }) => id));
  const fresh: AppendedEvent[] = [];
  for (const event of events) {
    const { id, event_type, attribute_name } = event;
    if (known.has(id)) continue;
    known.add(id);
    const seq = lastSeq + fresh.length + 1;
    fresh.push({ seq, generation, id, event_type, attribute_name, json: stringifyExact(event) });
  }
  return fresh;
}

/** @param appendedAt for each of them, ms since 1970 */
export async function insertEvents(
  session: Session,
  events: readonly AppendedEvent[],
  appendedAt: readonly number[],
): Promise<void> {
  if (events.length === 0) return;
  await session.rows(
    `INSERT INTO event (seq, generation, id, event_type, attribute_name, json, appended_at)
     SELECT * FROM unnest($1::bigint[], $2::int[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::bigint[])`,
    [
      events.map(({ seq }) => seq),
      events.map(({ generation }) => generation),
      events.map(({ id }) => id),
      events.map(({ event_type }) => event_type),
      events.map(({ attribute_name }) => attribute_name),
      events.map(({ json }) => json),
      appendedAt,
    ],
    "insert-events",
  );
}

export async function insertNever(
  session: Session,
  generation: number,
  first: number,
  last: number,
): Promise<void> {
  await session.rows(
    `INSERT INTO never (generation, first, last) VALUES ($1, $2, $3)
     ON CONFLICT (generation, first) DO UPDATE SET last = GREATEST(never.last, excluded.last)`,
    [generation, first, last],
  );
}
