/** The event log of a site: rows that are added, never changed (protocol notes 9). */
import type { Schema } from "../schema/schema.ts";
import { columnsOf, encode, quote, type Ref } from "../store/columns.ts";
import type { Database, Param } from "../store/database.ts";
import type { Sequences } from "../store/sequences.ts";

export const EVENT_TYPE = "EventLogEntry";

/** A row to be written. Links are stored without names: those are looked up at reading time. */
export interface NewEvent {
  event_type: string | null;
  attribute_name: string | null;
  description: string | null;
  meta: unknown;
  entity: Ref | null;
  project: Ref | null;
  user: Ref | null;
  session_uuid: string | null;
  /** `YYYY-MM-DDTHH:MM:SSZ` */
  created_at: string;
}

export class EventLog {
  readonly #db: Database;
  readonly #sequences: Sequences;
  readonly #insert: string;
  readonly #encode: (event: NewEvent) => Param[];

  constructor(db: Database, schema: Schema, sequences: Sequences) {
    this.#db = db;
    this.#sequences = sequences;
    const names = [
      "event_type",
      "attribute_name",
      "description",
      "meta",
      "entity",
      "project",
      "user",
      "session_uuid",
      "created_at",
    ] as const;
    const fields = names.map((name) => schema.field(EVENT_TYPE, name)!);
    const columns = ["id", ...fields.flatMap(columnsOf)];
    this.#insert = `INSERT INTO ${EVENT_TYPE} (${columns.map(quote).join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
    this.#encode = (event) => fields.flatMap((field, at) => encode(field, event[names[at]!]));
  }

  get lastId(): number {
    return this.#sequences.last(EVENT_TYPE);
  }

  /** Draws ids and keeps the sequence over a restart. Call outside a transaction. */
  draw(count: number): number {
    const first = this.#sequences.draw(EVENT_TYPE, count);
    this.save();
    return first;
  }

  /** Keeps the sequence over a restart. */
  save(): void {
    this.#sequences.save(EVENT_TYPE);
  }

  insert(id: number, event: NewEvent): void {
    this.#db.run(this.#insert, [id, ...this.#encode(event)]);
  }

  /** Forgets all rows above `lastId` and gives those ids out again. */
  cutTo(lastId: number): void {
    this.#db.run(`DELETE FROM ${EVENT_TYPE} WHERE id > ?`, [lastId]);
    this.#db.run("DELETE FROM site_update WHERE event_id > ?", [lastId]);
    this.#sequences.reset(EVENT_TYPE, lastId);
    this.save();
  }
}
