import { stringifyExact } from "../../json.ts";
import type { AppendBatch, ReaderState } from "../journal.ts";
import type { AppendedEvent } from "../recent.ts";
import { eventChecksum, rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { type Standing, standingWriter, storing } from "./standing.ts";

export interface Appended {
  standing: Standing;
  events: AppendedEvent[];
  repeated: number;
}

/** @returns the operation: one transaction for events, ids that never happened, and the reader's state */
export function appender(
  database: Database,
): (before: Standing | null, batch: AppendBatch, at: Date) => Appended {
  const insertEvents = eventInserter(database);
  const insertNever = neverInserter(database);
  const writeStanding = standingWriter(database);
  return (before, batch, at) =>
    storing(database, () => {
      const firstSeq = (before?.lastSeq ?? 0) + 1;
      const events = insertEvents(batch, firstSeq, at.getTime());
      insertNever(batch);
      const standing: Standing = {
        lastSeq: firstSeq - 1 + events.length,
        removedSeq: before?.removedSeq ?? 0,
        reader: structuredClone(batch.reader),
        version: (before?.version ?? 0) + 1,
      };
      writeStanding(standing);
      return { standing, events, repeated: batch.events.length - events.length };
    });
}

/** Leaves out ids that stand in the journal already; seqs have no holes. */
function eventInserter(database: Database) {
  const statement = database.prepare(
    `INSERT INTO event (seq, generation, id, event_type, attribute_name, json, appended_at, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (generation, id) DO NOTHING`,
  );
  return ({ events, reader: { generation } }: AppendBatch, firstSeq: number, at: number): AppendedEvent[] => {
    const appended: AppendedEvent[] = [];
    let seq = firstSeq;
    for (const event of events) {
      const { id, event_type, attribute_name } = event;
      const json = stringifyExact(event);
      const checksum = eventChecksum(seq, generation, id, event_type, attribute_name, json, at);
      const done = statement.run(seq, generation, id, event_type, attribute_name, json, at, checksum);
      if (done.changes === 0) continue;
      appended.push({ seq, generation, id, event_type, attribute_name, json });
      seq += 1;
    }
    return appended;
  };
}

function neverInserter(database: Database): (batch: AppendBatch) => void {
  const statement = database.prepare(
    `INSERT INTO never (generation, first, last, checksum) VALUES (?, ?, ?, ?)
     ON CONFLICT (generation, first) DO UPDATE SET last = excluded.last, checksum = excluded.checksum
     WHERE excluded.last > last`,
  );
  return ({ neverHappened, reader: { generation } }) => {
    for (const { first, last } of neverHappened) {
      statement.run(generation, first, last, rowChecksum(generation, first, last));
    }
  };
}

/** Of a reader, before any event. */
export function beginning(reader: ReaderState): AppendBatch {
  return { events: [], neverHappened: [], reader };
}

/** A reader that stands here is shown every event of the batch. */
export function beforeAll({ events, reader }: AppendBatch): ReaderState {
  if (events.length === 0) return structuredClone(reader);
  const lowest = Math.min(...events.map(({ id }) => id), ...reader.gaps.map(({ first }) => first));
  return { position: lowest - 1, gaps: [], generation: reader.generation };
}
