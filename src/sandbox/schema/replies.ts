/** What `schema_read`, `schema_entity_read` and `schema_field_read` answer (protocol notes 12.1). */
import type { Call } from "../core.ts";
import { asText, malformed } from "../fault.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import type { EntityType, Field } from "./schema.ts";

type Payload = Record<string, unknown>;
/** Every property says whether it may be changed. */
type Property = { value: unknown; editable: boolean };

export function schemaEntityRead(call: Call, payload: Payload): Record<string, Record<string, Property>> {
  projectIn(call, payload);
  const reply: Record<string, Record<string, Property>> = {};
  for (const type of call.core.schema.types)
    reply[type.name] = { name: fixed(type.label), visible: fixed(true) };
  return reply;
}

export function schemaRead(call: Call, payload: Payload): Record<string, unknown> {
  const project = projectIn(call, payload);
  const reply: Record<string, unknown> = {};
  for (const type of call.core.schema.types) reply[type.name] = fieldsOf(call, type, project);
  return reply;
}

export function schemaFieldRead(call: Call, payload: Payload): Record<string, unknown> {
  const type = entityTypeIn(call, payload);
  const project = projectIn(call, payload);
  const { field_name: name } = payload;
  if (name === undefined || name === null) return fieldsOf(call, type, project);
  const field = typeof name === "string" ? type.fields.get(name) : undefined;
  if (!field || !isListed(field))
    throw malformed(`API ${call.method}() ${type.name}.${asText(name)} doesn't exist.`);
  return { [field.name]: fieldReply(call, field, project) };
}

/**
 * The id of the payload's project, null without one. Id 0, and any other that names no project, is as good as
 * one in which nothing is hidden (protocol notes 12.1).
 */
export function projectIn(call: Call, { project }: Payload): number | null {
  if (project === undefined || project === null) return null;
  const { type = "Project", id } = project as Payload;
  if (type === "Project" && Number.isInteger(id)) return id as number;
  throw malformed(`API ${call.method}() invalid 'project': ${JSON.stringify(project)}`);
}

function fieldsOf(call: Call, type: EntityType, project: number | null): Record<string, unknown> {
  const fields = [...type.fields.values()].filter(isListed);
  return Object.fromEntries(fields.map((field) => [field.name, fieldReply(call, field, project)]));
}

function isListed(field: Field): boolean {
  return field.raw.in_schema !== false;
}

function fieldReply(call: Call, field: Field, project: number | null): Record<string, unknown> {
  const { raw } = field;
  return {
    name: changeable(raw.name),
    description: changeable(raw.description ?? ""),
    entity_type: fixed(field.entityType),
    data_type: fixed(raw.data_type),
    editable: fixed(raw.editable),
    mandatory: fixed(raw.mandatory),
    unique: fixed(raw.unique),
    visible: { value: call.core.fields.isVisible(field, project), editable: raw.visible_editable },
    ui_value_displayable: fixed(true),
    custom_metadata: changeable(raw.custom_metadata ?? ""),
    properties: properties(call, field),
  };
}

/** Properties that a fresh site has the same for every field of the data type. */
const CONSTANT: Record<string, unknown> = {
  regex_validation: "",
  regex_validation_enabled: null,
  open_in_new_window: false,
  allowed_render_methods: ["on_upload"],
  render_method: "on_upload",
  image_use_query: false,
  image_sorts: null,
  calculated_function: null,
  query: null,
  summary_field: null,
  summary_value: null,
};

const FIXED_PROPERTIES = new Set(["hidden_values", "display_values"]);

function properties({ core }: Call, { raw }: Field): Record<string, Property> {
  const reply: Record<string, Property> = {};
  for (const name of core.file.data_types[raw.data_type]?.properties ?? []) {
    const value = (raw as unknown as Record<string, unknown>)[name] ?? CONSTANT[name] ?? null;
    reply[name] = { value, editable: !FIXED_PROPERTIES.has(name) };
  }
  return reply;
}

function fixed(value: unknown): Property {
  return { value, editable: false };
}

function changeable(value: unknown): Property {
  return { value, editable: true };
}
