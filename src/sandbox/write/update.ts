/** The wire method `update` (protocol notes 5.2). */
import { isDeepStrictEqual } from "node:util";
import { allowEntity } from "../access/rules.ts";
import { setSecret } from "../access/secrets.ts";
import { LAST_ACCESS, noteAccess } from "../account/last-access.ts";
import { type Call, JsonText } from "../core.ts";
import { EVENT_TYPE } from "../events/log.ts";
import type { Change } from "../events/metas.ts";
import { writeChange } from "../events/write.ts";
import { malformed } from "../fault.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import { recordJson } from "../query/record.ts";
import type { EntityType, Field } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Row, Values } from "../store/rows.ts";
import { retireReplies } from "./cascades.ts";
import { crud, existingRow, missingRow } from "./crud.ts";
import { deriveOnUpdate } from "./derive.ts";
import { followUp } from "./follow-up.ts";
import { type Inputs, readInputs } from "./inputs.ts";
import { writeList } from "./links.ts";
import { checkUnique } from "./unique.ts";

export function update(call: Call, payload: Record<string, unknown>): JsonText {
  const type = entityTypeIn(call, payload);
  const id = idIn(call, payload);
  allowEntity(call, "update_entity", type.name);
  const inputs = readInputs(call, type, payload.fields);
  if (type.name === EVENT_TYPE) throw eventRowsAreFixed(call, "updated");
  const row = existingRow(call, type.name, id);
  if (!row.live) throw missingRow(call, type.name, id);
  change(call, row, inputs);
  const written = [...Object.keys(inputs.values), ...inputs.lists.map(({ field }) => field.name)];
  return new JsonText(recordJson(call.core, type, id, written));
}

/** Writes the inputs into a live row, with the events and with what follows from them. */
export function change(call: Call, row: Row, inputs: Inputs): void {
  const { type, id } = row;
  const ref: Ref = { type: type.name, id };
  const changes = [...writeValues(call, row, inputs), ...writeLists(call, row, inputs)];
  if (inputs.secret !== null) setSecret(call.core.db, type.name, id, inputs.secret);
  const stamped = changes.length > 0 || inputs.secret !== null;
  if (stamped) stamp(call, type, id);
  for (const one of changes) writeChange(call, ref, one, false);
  for (const one of changes) retireReplies(call, one);
  followUp(
    call,
    ref,
    changes.map(({ field }) => field.name),
  );
}

/** Writes what differs from the row, and tells it in the order given. */
function writeValues(call: Call, row: Row, inputs: Inputs): Change[] {
  const values: Values = { ...inputs.values, ...deriveOnUpdate(call, row, inputs.values) };
  if (row.type.name === "Project" && LAST_ACCESS in values) {
    noteAccess(call.core, row.id, call.caller.user, values[LAST_ACCESS] as string | null);
    delete values[LAST_ACCESS];
  }
  // Without an image there is no film strip either.
  if (values.image === null && row.type.fields.has("filmstrip_image")) values.filmstrip_image = null;
  const changed: Values = {};
  const changes: Change[] = [];
  for (const [name, value] of Object.entries(values)) {
    const field = row.type.fields.get(name)!;
    const old = visible(call, field, row.values[name] ?? null);
    if (isDeepStrictEqual(old, value)) continue;
    changed[name] = value;
    changes.push({ field, old, new: value });
  }
  checkRules(call, row, changed);
  call.core.rows.update(row.type, row.id, changed);
  return changes;
}

/** A link to a retired row reads as no link. */
function visible({ core }: Call, field: Field, value: unknown): unknown {
  if (field.dataType !== "entity" || value === null) return value;
  const { type, id } = value as Ref;
  return core.names.live(type, id) ? value : null;
}

function checkRules(call: Call, { type, id }: Row, changed: Values): void {
  const { identifier, name } = type;
  if (identifier && changed[identifier] === null)
    throw crud(call, 51, `Update failed for [${name}]: Cannot set identifier field to empty. (${name})`);
  if (name === "Task" && changed.color === null)
    throw crud(call, 6, "Update failed for [Task.color]: Value is not legal.");
  if (type.projectScoped && changed.project === null)
    throw crud(call, 6, `Update failed for [${name}.project]: Value is not legal.`);
  checkUnique(call, type, changed, id);
}

function writeLists(call: Call, row: Row, inputs: Inputs): Change[] {
  const owner = { type: row.type.name, id: row.id };
  return inputs.lists.map((input) => writeList(call, owner, input)).filter((change) => change !== null);
}

/** The row was changed by the caller, now. */
export function stamp(call: Call, type: EntityType, id: number): void {
  const user = { type: call.caller.user.type, id: call.caller.user.id };
  const stamps: Values = { updated_at: call.at, updated_by: user };
  call.core.rows.update(
    type,
    id,
    Object.fromEntries(Object.entries(stamps).filter(([name]) => type.fields.has(name))),
  );
}

export function idIn(call: Call, payload: Record<string, unknown>): number {
  if (Number.isInteger(payload.id)) return payload.id as number;
  throw malformed(`API ${call.method}() invalid/missing integer 'id':\n${JSON.stringify(payload)}`);
}

/** Rows of the event log stay as they were written (protocol notes 9.1). */
export function eventRowsAreFixed(call: Call, verb: "updated" | "deleted"): Error {
  return crud(
    call,
    "4.1",
    `${EVENT_TYPE} can not be ${verb} by this user. Rule: API Admin -- PermissionRule: DENY ${call.method}_entity FOR ${EVENT_TYPE}`,
  );
}
