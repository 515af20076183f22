/** Names that no two live rows may share (protocol notes 5.1). */
import type { Call } from "../core.ts";
import type { EntityType } from "../schema/schema.ts";
import { quote } from "../store/columns.ts";
import { crud } from "./crud.ts";

/** Unique on a site although schemas do not say so. */
const ALSO_UNIQUE = new Set(["Project.tank_name", "LocalStorage.code"]);

/** @param id of the row that is written; null on create */
export function checkUnique(
  call: Call,
  type: EntityType,
  values: Record<string, unknown>,
  id: number | null,
): void {
  for (const [name, value] of Object.entries(values)) {
    const field = type.fields.get(name);
    if (!field || value === null || !(field.raw.unique || ALSO_UNIQUE.has(`${type.name}.${name}`))) continue;
    const taken = call.core.db.get(
      `SELECT id FROM ${quote(type.name)} WHERE fold(${quote(name)}) = ? AND "row.live" = 1 AND id IS NOT ?`,
      [String(value).toLowerCase(), id],
    );
    if (!taken) continue;
    const what = `The value for the ${field.raw.name} field is required to be unique. <br>`;
    throw id === null
      ? crud(call, 61, `Create failed for [${type.name}]. ${what}`)
      : crud(call, 51, `Update failed for [${type.name}.${name}]. ${what}`);
  }
}
