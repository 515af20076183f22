import type { Core } from "../core.ts";
import type { EntityType } from "../schema/schema.ts";
import { Scope } from "./scope.ts";
import { recordsJson, select } from "./selection.ts";

/** One row as a JSON record, as the reply of a write: `type`, `id` and the fields asked for. */
export function recordJson(core: Core, type: EntityType, id: number, fields: unknown[]): string {
  const scope = new Scope(core, type);
  const names = fields.filter((name) => typeof name === "string");
  const selection = select(scope, names);
  const rows = core.db.all(`SELECT ${selection.sql} FROM ${scope.from} WHERE ${scope.alias}.id = ?`, [id]);
  return recordsJson(core, type.name, selection, rows).slice(1, -1);
}
