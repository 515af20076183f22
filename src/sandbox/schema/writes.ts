/** The wire methods `schema_field_create`, `schema_field_update` and `schema_field_delete` (protocol notes 12.2). */
import { isDeepStrictEqual } from "node:util";
import type { Call } from "../core.ts";
import { retirementDateMeta, retirementMeta } from "../events/metas.ts";
import { asText, malformed, refused } from "../fault.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import type { Ref } from "../store/columns.ts";
import type { RawField } from "./file.ts";
import { choices, creatableType, newField, readProperties } from "./properties.ts";
import { projectIn } from "./replies.ts";
import type { Field } from "./schema.ts";

type Payload = Record<string, unknown>;

/** Returns the name of the new field. */
export function schemaFieldCreate(call: Call, payload: Payload): string {
  const { core } = call;
  const type = entityTypeIn(call, payload);
  const dataType = creatableType(call, payload.data_type);
  const raw = newField(call, dataType, readProperties(call, dataType, payload.properties));
  const name = freeName(call, type.name, raw.name);
  const id = core.sequences.draw("DisplayColumn");
  core.fields.add(id, type.name, name, raw);
  const column = { type: "DisplayColumn", id };
  core.names.set(column.type, id, name, true);
  tell(call, column, null, {
    kind: "New",
    attribute: null,
    meta: { type: "new_entity", entity_type: column.type, entity_id: id },
    description: `${call.caller.user.name} created new Field ${name}`,
  });
  for (const [property, value] of Object.entries({
    name: raw.name,
    data_type: dataType,
    entity_type: type.name,
  }))
    tellChange(call, column, null, { name, property, old: null, new: value, inCreate: true });
  return name;
}

export function schemaFieldUpdate(call: Call, payload: Payload): true {
  const { core } = call;
  const field = fieldIn(call, payload);
  const given = readProperties(call, field.dataType, payload.properties, ["visible"]);
  const project = projectIn(call, payload);
  const { visible, ...rest } = given;
  const changes: Payload = {
    ...rest,
    ...(rest.valid_values !== undefined && choices(call, field.dataType, rest.valid_values as string[])),
  };
  if (visible !== undefined && !field.raw.visible_editable)
    throw malformed(
      `API ${call.method}() the visibility of ${field.entityType}.${field.name} is not editable.`,
    );
  const column = columnOf(call, field);
  const told = Object.entries(rest).filter(
    ([name, value]) => !isDeepStrictEqual(before(field, name), value ?? null),
  );
  for (const [property, value] of told)
    tellChange(call, column, null, { name: field.name, property, old: before(field, property), new: value });
  const wasVisible = core.fields.isVisible(field, project);
  if (visible !== undefined && visible !== wasVisible) {
    const change = { name: field.name, property: "visible", old: wasVisible, new: visible };
    tellChange(call, column, project === null ? null : { type: "Project", id: project }, change);
    if (project !== null) core.fields.setVisible(field, project, visible === true);
    else changes.visible = visible;
  }
  core.fields.change(column.id, field, changes as Partial<RawField>);
  return true;
}

export function schemaFieldDelete(call: Call, payload: Payload): true {
  const { core } = call;
  const field = fieldIn(call, payload);
  if (!core.fields.isOwn(field))
    throw refused(
      `API ${call.method}() ${field.entityType}.${field.name} is a standard field and cannot be deleted.`,
    );
  const column = columnOf(call, field);
  const description = `${call.caller.user.name} deleted Field ${field.name}`;
  const gone = retirementDateMeta(column, null, call.at);
  tell(call, column, null, { kind: "Change", attribute: "retirement_date", meta: gone, description });
  const meta = retirementMeta(column, field.name, call.at);
  tell(call, column, null, { kind: "Retirement", attribute: null, meta, description });
  core.fields.trash(column.id, field);
  core.names.setLive(column.type, column.id, false);
  return true;
}

/** `Monkey Count` → `sg_monkey_count`; a taken name gets `_1`, `_2`. */
function freeName({ core }: Call, type: string, display: string): string {
  const base = `sg_${
    display
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^_+|_+$/g, "") || "field"
  }`;
  let name = base;
  for (let count = 1; core.fields.isTaken(type, name); count++) name = `${base}_${count}`;
  return name;
}

function fieldIn(call: Call, payload: Payload): Field {
  const type = entityTypeIn(call, payload);
  const { field_name: name } = payload;
  const field = typeof name === "string" ? type.fields.get(name) : undefined;
  if (field && field.raw.in_schema !== false) return field;
  throw malformed(`API ${call.method}() ${type.name}.${asText(name)} doesn't exist.`);
}

/** A stock field gets its DisplayColumn with its first change. */
function columnOf({ core }: Call, field: Field): Ref {
  const known = core.fields.columnOf(field);
  if (known) return known;
  const column = { type: "DisplayColumn", id: core.sequences.draw("DisplayColumn") };
  core.names.set(column.type, column.id, field.name, true);
  return column;
}

function before(field: Field, property: string): unknown {
  return (field.raw as unknown as Payload)[property] ?? null;
}

interface PropertyChange {
  /** Of the field. */
  name: string;
  property: string;
  old: unknown;
  new: unknown;
  inCreate?: boolean;
}

function tellChange(call: Call, column: Ref, project: Ref | null, change: PropertyChange): void {
  const { name, property, old, new: value = null, inCreate } = change;
  tell(call, column, project, {
    kind: "Change",
    attribute: property,
    meta: {
      type: "attribute_change",
      attribute_name: property,
      entity_type: column.type,
      entity_id: column.id,
      field_data_type:
        typeof value === "boolean" ? "checkbox" : typeof value === "object" ? "serializable" : "text",
      old_value: old,
      new_value: value,
      ...(inCreate && { in_create: true }),
    },
    description: `${call.caller.user.name} changed "${property}" from "${shown(old)}" to "${shown(value)}" on Field ${name}`,
  });
}

function shown(value: unknown): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

interface Told {
  kind: "New" | "Change" | "Retirement";
  attribute: string | null;
  meta: Record<string, unknown>;
  description: string;
}

function tell(
  call: Call,
  column: Ref,
  project: Ref | null,
  { kind, attribute, meta, description }: Told,
): void {
  const { caller } = call;
  if (!caller.writesEvents) return;
  call.events.record({
    event_type: `Shotgun_DisplayColumn_${kind}`,
    attribute_name: attribute,
    description,
    meta: caller.actualUser ? { ...meta, sudo_actual_user: caller.actualUser } : meta,
    entity: column,
    project,
    user: caller.user,
    session_uuid: caller.sessionUuid,
    created_at: call.at,
  });
}
