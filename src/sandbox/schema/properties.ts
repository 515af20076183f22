/** The `properties` of a field in `schema_field_create` and `schema_field_update` (protocol notes 12.1 and 12.2). */
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import type { DataType, RawField } from "./file.ts";

type Given = Record<string, unknown>;

/** Data types that a script can make fields of. */
const CREATABLE: DataType[] = [
  "checkbox",
  "currency",
  "date",
  "date_time",
  "duration",
  "entity",
  "float",
  "footage",
  "list",
  "multi_entity",
  "number",
  "percent",
  "status_list",
  "text",
  "timecode",
  "url",
];

const ALWAYS = ["name", "description", "custom_metadata"];
const FIXED = new Set(["hidden_values", "display_values"]);
const TEXTS = new Set(["name", "description", "custom_metadata", "summary_default"]);

export function creatableType(call: Call, given: unknown): DataType {
  if (CREATABLE.includes(given as DataType)) return given as DataType;
  throw malformed(
    `API ${call.method}() invalid 'data_type' ${JSON.stringify(given ?? null)}: no such field can be created. Valid data types: ${JSON.stringify(CREATABLE)}`,
  );
}

/** As an object; faults for what the data type does not have, and for values it does not take. */
export function readProperties(call: Call, type: DataType, given: unknown, more: string[] = []): Given {
  if (!Array.isArray(given))
    throw malformed(
      `API ${call.method}() invalid/missing array 'properties': ${JSON.stringify(given ?? null)}`,
    );
  const known = [...ALWAYS, ...more, ...(call.core.file.data_types[type]?.properties ?? [])];
  const properties: Given = {};
  for (const item of given) {
    const { property_name: name, value } = (item ?? {}) as Given;
    if (typeof name !== "string" || !known.includes(name))
      throw malformed(
        `API ${call.method}() unknown property ${JSON.stringify(name ?? null)} of a '${type}' field. Valid properties: ${JSON.stringify(known)}`,
      );
    if (FIXED.has(name)) throw malformed(`API ${call.method}() the property '${name}' is not editable.`);
    check(call, name, value);
    properties[name] = value;
  }
  return properties;
}

function check(call: Call, name: string, value: unknown): void {
  const wrong = (expected: string) =>
    malformed(
      `API ${call.method}() the property '${name}' expected ${expected} but got: ${JSON.stringify(value ?? null)}`,
    );
  const isTexts = () => Array.isArray(value) && value.every((item) => typeof item === "string");
  if (TEXTS.has(name) && typeof value !== "string") throw wrong("a string");
  if (name === "name" && !String(value).trim()) throw wrong("a name");
  if (name === "valid_values" && !isTexts()) throw wrong("an array of strings");
  if (name === "visible" && typeof value !== "boolean") throw wrong("true or false");
  if (name !== "valid_types") return;
  if (!isTexts() || !(value as string[]).every((type) => call.core.schema.find(type)))
    throw wrong("an array of entity types");
}

/** A whole field of the properties given. */
export function newField(call: Call, dataType: DataType, given: Given): RawField {
  if (typeof given.name !== "string") throw malformed(`API ${call.method}() missing property 'name'`);
  const isLink = dataType === "entity" || dataType === "multi_entity";
  if (isLink && !(given.valid_types as string[] | undefined)?.length)
    throw malformed(`API ${call.method}() a '${dataType}' field needs the property 'valid_types'.`);
  if (dataType === "checkbox" && typeof given.default_value !== "boolean")
    throw malformed(
      `API ${call.method}() a 'checkbox' field needs the property 'default_value', true or false.`,
    );
  return {
    data_type: dataType,
    editable: true,
    mandatory: false,
    unique: false,
    visible_editable: true,
    default_value: null,
    summary_default: "none",
    write: "always",
    ...choices(call, dataType, given.valid_values as string[] | undefined),
    ...given,
    name: given.name.trim(),
  };
}

/** Lists have their values, statuses their names as well. */
export function choices(call: Call, type: DataType, values: string[] | undefined): Partial<RawField> {
  if (type === "list") return { valid_values: values ?? [] };
  if (type !== "status_list") return {};
  const { statuses } = call.core.file;
  const valid_values = values ?? statuses.map(({ code }) => code);
  const names = new Map(statuses.map(({ code, name }) => [code, name]));
  const display_values = Object.fromEntries(valid_values.map((code) => [code, names.get(code) ?? code]));
  return { valid_values, hidden_values: [], display_values };
}
