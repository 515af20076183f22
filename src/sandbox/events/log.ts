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

/** A row as it stands in the log: links without names, since those change. */
export interface LoggedEvent extends Omit<NewEvent, "meta" | "description"> {
  id: number;
  meta: Record<string, unknown> | null;
}

export class EventLog {
  readonly #db: Database;
  readonly #sequences: Sequences;
  readonly #insert: string;
  readonly #encode: (event: NewEvent) => Param[];
  readonly #listeners = new Set<(events: LoggedEvent[]) => void>();
  /** Of the transaction under way; kept only while somebody listens. */
  #written: number[] = [];

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
    db.watch({
      committed: () => this.#tell(),
      undone: () => {
        this.#written = [];
      },
    });
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
    if (this.#listeners.size > 0) this.#written.push(id);
  }

  /** Calls `listener` with the rows of each transaction, once it is committed; returns how to stop that. */
  onCommit(listener: (events: LoggedEvent[]) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    if (this.#written.length === 0) return;
    const events = this.#read(this.#written);
    this.#written = [];
    for (const listener of this.#listeners) listener(events);
  }

  #read(ids: number[]): LoggedEvent[] {
    const rows = this.#db.all(
      `SELECT id, event_type, attribute_name, "entity.type", "entity.id", "project.type", "project.id",
              "user.type", "user.id", meta, session_uuid, created_at
       FROM ${EVENT_TYPE} WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id`,
      [JSON.stringify(ids)],
    );
    const link = (type: unknown, id: unknown) => (id === null ? null : ({ type, id } as Ref));
    return rows.map((row) => ({
      id: row[0] as number,
      event_type: row[1] as string | null,
      attribute_name: row[2] as string | null,
      entity: link(row[3], row[4]),
      project: link(row[5], row[6]),
      user: link(row[7], row[8]),
      meta: row[9] === null ? null : JSON.parse(row[9] as string),
      session_uuid: row[10] as string | null,
      created_at: row[11] as string,
    }));
  }

  /** Forgets all rows above `lastId` and gives those ids out again. */
  cutTo(lastId: number): void {
    this.#db.run(`DELETE FROM ${EVENT_TYPE} WHERE id > ?`, [lastId]);
    this.#db.run("DELETE FROM site_update WHERE event_id > ?", [lastId]);
    this.#sequences.reset(EVENT_TYPE, lastId);
    this.save();
  }
}
