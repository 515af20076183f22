/** A new row, with the events of its birth (protocol notes 9.2). */
import { setSecret } from "../access/secrets.ts";
import type { Call } from "../core.ts";
import type { Change } from "../events/metas.ts";
import { writeChange, writeNew } from "../events/write.ts";
import type { EntityType } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Values } from "../store/rows.ts";
import { withDefaults } from "./defaults.ts";
import { deriveOnCreate } from "./derive.ts";
import type { Inputs } from "./inputs.ts";
import { writeList } from "./links.ts";
import { checkUnique } from "./unique.ts";

/** Fields whose value at birth leaves no row in the event log (protocol notes 9.2). */
const UNTOLD = new Set(["project", "created_at", "created_by", "updated_at", "updated_by", "id"]);

/** Writes the row and returns its id. */
export function insertRow(call: Call, type: EntityType, inputs: Inputs): number {
  const { core } = call;
  const id = core.sequences.draw(type.name);
  const values = withDefaults(call, type, id, deriveOnCreate(call, type, inputs));
  checkUnique(call, type, values, null);
  core.rows.insert(type, id, values);
  if (inputs.secret !== null) setSecret(core.db, type.name, id, inputs.secret);
  const row: Ref = { type: type.name, id };
  writeNew(call, row);
  for (const change of changesAtBirth(call, type, row, values, inputs)) writeChange(call, row, change, true);
  return id;
}

/** One change for each field that has a value now, in the order of their names. */
function changesAtBirth(call: Call, type: EntityType, row: Ref, values: Values, inputs: Inputs): Change[] {
  const lists = new Map<string, Change>();
  for (const input of inputs.lists) {
    const change = writeList(call, row, input);
    if (change) lists.set(input.field.name, change);
  }
  const changes: Change[] = [];
  for (const field of type.fields.values()) {
    const value = values[field.name];
    const list = lists.get(field.name);
    if (list) changes.push(list);
    else if (!UNTOLD.has(field.name) && !field.raw.computed && isPopulated(value))
      changes.push({ field, old: null, new: value });
  }
  return changes;
}

function isPopulated(value: unknown): boolean {
  if (value === undefined || value === null || value === "" || value === false) return false;
  return !(Array.isArray(value) && value.length === 0);
}
