import type { EntityType, Field, Schema } from "../schema/schema.ts";
import { columnsOf, decode, encode, quote } from "./columns.ts";
import type { Cell, Database, Param } from "./database.ts";
import type { Names } from "./names.ts";

/** The values of a row by field name, link lists left out. */
export type Values = Record<string, unknown>;

export interface Row {
  type: EntityType;
  id: number;
  live: boolean;
  /** `YYYY-MM-DDTHH:MM:SSZ`; null while live. */
  retiredAt: string | null;
  values: Values;
}

/** The rows of all entity types except the event log. Display names follow by themselves. */
export class Rows {
  readonly #db: Database;
  readonly #names: Names;
  readonly #schema: Schema;

  constructor(db: Database, schema: Schema, names: Names) {
    this.#db = db;
    this.#schema = schema;
    this.#names = names;
  }

  /** Undefined when there never was such a row; a retired row is found. */
  find(typeName: string, id: number): Row | undefined {
    const type = this.#schema.type(typeName);
    const fields = storedFields(type);
    const columns = fields.flatMap(columnsOf).map(quote);
    const cells = this.#db.get(
      `SELECT "row.live", "row.retired_at"${columns.map((name) => `, ${name}`).join("")} FROM ${quote(type.name)} WHERE id = ?`,
      [id],
    );
    if (!cells) return undefined;
    const [live, retiredAt, ...rest] = cells;
    return {
      type,
      id,
      live: live === 1,
      retiredAt: retiredAt as string | null,
      values: decodeAll(fields, rest),
    };
  }

  insert(type: EntityType, id: number, values: Values): void {
    const { columns, params } = encodeAll(type, values);
    const all = ["id", ...columns];
    this.#db.run(
      `INSERT INTO ${quote(type.name)} (${all.map(quote).join(", ")}) VALUES (${all.map(() => "?").join(", ")})`,
      [id, ...params],
    );
    this.#names.set(type.name, id, nameIn(type, values), true);
  }

  update(type: EntityType, id: number, values: Values): void {
    const { columns, params } = encodeAll(type, values);
    if (columns.length === 0) return;
    this.#db.run(
      `UPDATE ${quote(type.name)} SET ${columns.map((name) => `${quote(name)} = ?`).join(", ")} WHERE id = ?`,
      [...params, id],
    );
    if (type.identifier && type.identifier in values)
      this.#names.set(type.name, id, nameIn(type, values), true);
  }

  /** @param retiredWith `Type:id` of the row whose retirement took this one along; revived with it again */
  retire(row: Row, at: string, retiredWith: string | null): void {
    this.#db.run(
      `UPDATE ${quote(row.type.name)} SET "row.live" = 0, "row.retired_at" = ?, "row.retired_with" = ? WHERE id = ?`,
      [at, retiredWith, row.id],
    );
    this.#names.setLive(row.type.name, row.id, false);
  }

  revive(row: Row): void {
    this.#db.run(
      `UPDATE ${quote(row.type.name)} SET "row.live" = 1, "row.retired_at" = NULL, "row.retired_with" = NULL WHERE id = ?`,
      [row.id],
    );
    this.#names.setLive(row.type.name, row.id, true);
  }
}

/** The display name in a row's values. */
function nameIn(type: EntityType, values: Values): string | null {
  return type.identifier ? ((values[type.identifier] as string | null | undefined) ?? null) : null;
}

function storedFields(type: EntityType): Field[] {
  return [...type.fields.values()].filter((field) => columnsOf(field).length > 0);
}

function encodeAll(type: EntityType, values: Values): { columns: string[]; params: Param[] } {
  const columns: string[] = [];
  const params: Param[] = [];
  for (const field of storedFields(type)) {
    if (!(field.name in values)) continue;
    columns.push(...columnsOf(field));
    params.push(...encode(field, values[field.name]));
  }
  return { columns, params };
}

function decodeAll(fields: Field[], cells: Cell[]): Values {
  const values: Values = {};
  let at = 0;
  for (const field of fields) {
    const width = columnsOf(field).length;
    values[field.name] = decode(field, cells.slice(at, at + width));
    at += width;
  }
  return values;
}
