/** The wire method `create` (protocol notes 5.1). */
import { allowEntity } from "../access/rules.ts";
import { setSecret } from "../access/secrets.ts";
import { type Call, JsonText } from "../core.ts";
import { EVENT_TYPE } from "../events/log.ts";
import type { Change } from "../events/metas.ts";
import { writeChange, writeNew } from "../events/write.ts";
import { malformed } from "../fault.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import { recordJson } from "../query/record.ts";
import type { EntityType } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Values } from "../store/rows.ts";
import { createEvent } from "./create-event.ts";
import { withDefaults } from "./defaults.ts";
import { deriveOnCreate } from "./derive.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { writeList } from "./links.ts";
import { checkUnique } from "./unique.ts";

/** Fields whose value at birth leaves no row in the event log (protocol notes 9.2). */
const UNTOLD = new Set(["project", "created_at", "created_by", "updated_at", "updated_by", "id"]);

export function create(call: Call, payload: Record<string, unknown>): JsonText {
  const type = entityTypeIn(call, payload);
  allowEntity(call, "create_entity", type.name);
  const inputs = readInputs(call, type, payload.fields);
  const id =
    type.name === EVENT_TYPE ? createEvent(call, inputs.values) : createRow(call, type, inputs, payload);
  const wanted = Array.isArray(payload.return_fields) ? payload.return_fields : ["id"];
  return new JsonText(recordJson(call.core, type, id, wanted));
}

function createRow(call: Call, type: EntityType, inputs: Inputs, payload: Record<string, unknown>): number {
  const { core } = call;
  if (type.projectScoped && !inputs.values.project)
    throw malformed(`API create() missing 'project' attribute: ${JSON.stringify(payload)}`);
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
