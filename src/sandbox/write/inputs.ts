/** The `fields` of a create or update: known, writable, of the right type (protocol notes 5.1 to 5.3). */
import { allowField } from "../access/rules.ts";
import type { Call } from "../core.ts";
import { asText, malformed } from "../fault.ts";
import type { EntityType, Field } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import { isLinkList } from "../store/columns.ts";
import { fileValue } from "./files.ts";
import { writtenValue } from "./values.ts";

export type UpdateMode = "set" | "add" | "remove";

export interface Inputs {
  /** Values to keep in the row, by field name, in the order given. */
  values: Record<string, unknown>;
  /** Lists of links. */
  lists: { field: Field; refs: Ref[]; mode: UpdateMode }[];
  /** A script's key or a person's password. */
  secret: string | null;
}

/** What stands in a secret's place when it is read. */
const MASK = "*******";

export function readInputs(call: Call, type: EntityType, fields: unknown): Inputs {
  if (!Array.isArray(fields))
    throw malformed(
      `API ${call.method}() invalid/missing array 'fields':\n${JSON.stringify(fields ?? null)}`,
    );
  const inputs: Inputs = { values: {}, lists: [], secret: null };
  for (const item of fields) readInput(call, type, inputs, item);
  return inputs;
}

function readInput(call: Call, type: EntityType, inputs: Inputs, item: unknown): void {
  const { field_name: name, value, multi_entity_update_mode: mode } = (item ?? {}) as Record<string, unknown>;
  if (typeof name !== "string" || value === undefined)
    throw malformed(
      `API ${call.method}() invalid/missing 'field_name' or 'value':\n${JSON.stringify(item ?? null)}`,
    );
  const field = type.fields.get(name);
  if (!field) throw malformed(`API ${call.method}() ${type.name}.${name} doesn't exist.`);
  if (!isWritable(call, field, item)) return;
  allowField(call, type.name, name);
  if (isLinkList(field)) {
    const refs = writtenValue(call, field, value) as Ref[];
    inputs.lists.push({ field, refs, mode: updateMode(call, mode) });
  } else if (isSecret(field)) {
    inputs.secret = writtenValue(call, field, value) as string | null;
    inputs.values[name] = inputs.secret === null ? null : MASK;
  } else if (field.dataType === "url") inputs.values[name] = fileValue(call, field, value);
  else inputs.values[name] = writtenValue(call, field, value);
}

/** False for fields whose writes a site takes and ignores; faults for those it refuses. */
function isWritable(call: Call, field: Field, item: unknown): boolean {
  const { write } = field.raw;
  const name = `${field.entityType}.${field.name}`;
  if (write === "never")
    throw malformed(`API ${call.method}() ${name} is read only:\n${JSON.stringify(item)}`);
  if (write === "create_only" && call.method === "update")
    throw malformed(`API ${call.method}() ${name} is editable on create only:\n${JSON.stringify(item)}`);
  return write !== "discarded";
}

function isSecret(field: Field): boolean {
  return (
    field.dataType === "password" || (field.entityType === "ApiUser" && field.name === "salted_password")
  );
}

function updateMode(call: Call, mode: unknown): UpdateMode {
  if (mode === undefined || mode === null) return "set";
  if (mode === "set" || mode === "add" || mode === "remove") return mode;
  throw malformed(
    `API ${call.method}() invalid 'multi_entity_update_mode' '${asText(mode)}': expected set, add or remove`,
  );
}
