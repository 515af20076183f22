/** A studio's own schema, as `schema_read` of its site gives it, put over that of a fresh site. */
import { z } from "zod";
import { CallsheetError } from "../../errors.ts";
import type { DataType, RawEntityType, RawField, SchemaFile, WriteRule } from "./file.ts";

/** `{Shot: {sg_rig: {data_type: {value: "text"}, …}}}`: the reply of `schema_read`. */
export type SchemaReply = Record<string, Record<string, unknown>>;

// Names stand in SQL, where case does not count, and in paths; tables of the sandbox's own begin with site_.
const typeName = z.string().regex(/^(?!site_)[A-Z]\w*$/i, "is not the name of an entity type");
const fieldName = z.string().regex(/^[a-z]\w*$/i, "is not the name of a field");
const text = z.object({ value: z.string() });
const flag = z.object({ value: z.boolean() }).optional();
const field = z.object({
  data_type: text,
  name: text.optional(),
  description: z.object({ value: z.string().nullable() }).optional(),
  editable: flag,
  mandatory: flag,
  unique: flag,
  visible: z.object({ editable: z.boolean() }).optional(),
  properties: z.record(z.string(), z.object({ value: z.unknown() })).default({}),
});
const reply = z.record(typeName, z.record(fieldName, field));

type GivenField = z.output<typeof field>;

/** Properties that a field keeps as they are given, by the type of their value. */
const LISTS = ["valid_types", "valid_values", "hidden_values"] as const;

/** What a site's people changed in its schema: the sandbox has a table of its own for it. */
const KEPT_APART = "DisplayColumn";
/** The type that all custom entities are like. */
const MODEL = "CustomEntity01";
/** What may hold the name of an entity of a type that a fresh site does not have. */
const NAMES = ["code", "name", "content", "title"];

/**
 * Fields and entity types that a fresh site lacks are added; those that it has take over names, values, types to link
 * to and defaults. What the studio does not have stays. Fields of data types that the sandbox does not know are left out.
 * @throws CallsheetError USAGE for what is no reply of `schema_read`
 */
export function withStudioSchema(file: SchemaFile, given: unknown): SchemaFile {
  const parsed = reply.safeParse(given);
  if (!parsed.success) throw unusable(parsed.error);
  const types = { ...file.entity_types };
  for (const [type, fields] of Object.entries(parsed.data))
    if (type !== KEPT_APART) types[type] = merged(file, types[type] ?? newType(file, type, fields), fields);
  return { ...file, entity_types: types };
}

function merged(file: SchemaFile, stock: RawEntityType, given: Record<string, GivenField>): RawEntityType {
  const fields = { ...stock.fields };
  for (const [name, one] of Object.entries(given)) {
    const known = fields[name];
    if (!Object.hasOwn(file.data_types, one.data_type.value)) continue;
    // What the sandbox itself works with keeps its data type.
    if (!known || (name.startsWith("sg_") && known.data_type !== one.data_type.value))
      fields[name] = newField(file, name, one);
    else if (known.data_type === one.data_type.value) fields[name] = { ...known, ...taken(one) };
  }
  return { ...stock, fields };
}

function newType(file: SchemaFile, type: string, given: Record<string, GivenField>): RawEntityType {
  const { id, cached_display_name } = file.entity_types[MODEL]!.fields;
  return {
    name: type,
    project_scoped: Object.hasOwn(given, "project"),
    identifier_field: NAMES.find((name) => given[name]?.data_type.value === "text") ?? null,
    connection: type.endsWith("Connection"),
    fields: { id: id!, cached_display_name: cached_display_name! },
  };
}

function newField(file: SchemaFile, name: string, given: GivenField): RawField {
  const { data_type, editable, mandatory, unique, visible } = given;
  const model = file.entity_types[MODEL]!.fields[name];
  const isEditable = editable?.value ?? true;
  return {
    data_type: data_type.value as DataType,
    name,
    editable: isEditable,
    mandatory: mandatory?.value ?? false,
    unique: unique?.value ?? false,
    visible_editable: visible?.editable ?? true,
    default_value: null,
    summary_default: "none",
    write: model?.write ?? writeRule(data_type.value, isEditable),
    ...(model?.computed && { computed: true }),
    ...taken(given),
  };
}

function writeRule(dataType: string, editable: boolean): WriteRule {
  if (dataType === "image") return "upload_only_null_clears";
  return editable ? "always" : "never";
}

/** What a studio decides about any field. */
function taken({ name, description, properties }: GivenField): Partial<RawField> {
  const raw: Record<string, unknown> = {};
  if (name?.value) raw.name = name.value;
  if (description?.value) raw.description = description.value;
  for (const list of LISTS) {
    const value = properties[list]?.value;
    if (Array.isArray(value) && value.every((item) => typeof item === "string")) raw[list] = value;
  }
  const shown = properties.display_values?.value;
  if (typeof shown === "object" && shown !== null) raw.display_values = shown;
  const preset = properties.default_value?.value;
  if (typeof preset === "string" || typeof preset === "number" || typeof preset === "boolean")
    raw.default_value = preset;
  const summary = properties.summary_default?.value;
  if (typeof summary === "string") raw.summary_default = summary;
  return raw as Partial<RawField>;
}

function unusable(error: z.ZodError): CallsheetError {
  const [issue] = error.issues;
  const at = issue?.path.join(".") || "it";
  const what = issue?.code === "invalid_key" ? issue.issues[0] : issue;
  return new CallsheetError("USAGE", `The schema cannot be used: ${at}: ${lowered(what?.message ?? "")}.`, {
    hint: "Give what schema_read answers, as JSON: entity types with their fields, each with its data_type.",
  });
}

function lowered(message: string): string {
  return `${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}
