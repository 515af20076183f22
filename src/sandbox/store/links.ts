import type { Field } from "../schema/schema.ts";
import type { Sides } from "../schema/sides.ts";
import { quote, type Ref } from "./columns.ts";
import type { Database } from "./database.ts";

/**
 * The SQL that lists what a multi-entity field links to, as rows (owner, type, id), retired targets included.
 * @param owners SQL after the id of the row that has the field: `= t0.id`, `IN (…)`
 */
export function linkedSql(sides: Sides, field: Field, owners: string): string {
  const store = sides.store(field);
  const type = `'${field.entityType}'`;
  switch (store.kind) {
    case "link": {
      const [own, other] = store.forward ? ["from", "to"] : ["to", "from"];
      return `SELECT ${own}_id AS owner, ${other}_type AS type, ${other}_id AS id FROM site_link WHERE key = '${store.key}' AND ${own}_type = ${type} AND ${own}_id ${owners}`;
    }
    case "connection": {
      const { type: rows, own, other } = store.connection;
      return `SELECT ${quote(`${own}.id`)} AS owner, ${quote(`${other}.type`)} AS type, ${quote(`${other}.id`)} AS id FROM ${quote(rows)} WHERE "row.live" = 1 AND ${quote(`${own}.id`)} ${owners}`;
    }
    case "column": {
      const column = (part: string) => quote(`${store.field}.${part}`);
      return `SELECT ${column("id")} AS owner, '${store.type}' AS type, id FROM ${quote(store.type)} WHERE ${column("id")} ${owners} AND ${column("type")} = ${type}`;
    }
    case "open_notes":
      return `SELECT owner, type, id FROM (${linkedSql(sides, store.notes, owners)}) WHERE id IN (SELECT id FROM "Note" WHERE sg_status_list IN ('opn', 'ip', 'rdy'))`;
    case "none":
      return `SELECT NULL AS owner, NULL AS type, NULL AS id WHERE NULL ${owners}`;
  }
}

/** Reads and writes the links of multi-entity fields that have rows of their own. */
export class Links {
  readonly #db: Database;
  readonly #sides: Sides;

  constructor(db: Database, sides: Sides) {
    this.#db = db;
    this.#sides = sides;
  }

  /** What a multi-entity field of one row links to, live targets only, ordered by type and id. */
  of(field: Field, id: number): Ref[] {
    const rows = this.#db.all(
      `SELECT l.type, l.id FROM (${linkedSql(this.#sides, field, "= ?")}) l
       JOIN site_name n ON n.type = l.type AND n.id = l.id AND n.live = 1 ORDER BY l.type, l.id`,
      [id],
    );
    return rows.map(([type, target]) => ({ type: type as string, id: target as number }));
  }

  /** For fields stored in the link table. */
  add(field: Field, id: number, target: Ref): void {
    this.#db.run("INSERT OR IGNORE INTO site_link VALUES (?, ?, ?, ?, ?)", this.#row(field, id, target));
  }

  remove(field: Field, id: number, target: Ref): void {
    this.#db.run(
      "DELETE FROM site_link WHERE key = ? AND from_type = ? AND from_id = ? AND to_type = ? AND to_id = ?",
      this.#row(field, id, target),
    );
  }

  #row(field: Field, id: number, target: Ref): [string, string, number, string, number] {
    const store = this.#sides.store(field);
    if (store.kind !== "link") throw new Error(`${field.entityType}.${field.name} has no rows of its own`);
    const own: [string, number] = [field.entityType, id];
    const other: [string, number] = [target.type, target.id];
    return store.forward ? [store.key, ...own, ...other] : [store.key, ...other, ...own];
  }
}
