/** What each data type takes on writing, and how it is kept (protocol notes 5.3). */
import type { Call } from "../core.ts";
import { wireDate, wireDateTime } from "../dates.ts";
import { malformed } from "../fault.ts";
import { rubyClass } from "../query/operand.ts";
import type { DataType } from "../schema/file.ts";
import type { Field } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import { crud } from "./crud.ts";

type Rule = (call: Call, field: Field, value: unknown) => unknown;

const INT32 = 2 ** 31;
const FLOAT_LIMIT = 999_999_999.999999;
const CURRENCY_LIMIT = 9_999_999_999_999.99;

/** Names of old that a site still takes. */
const COLORS: Record<string, string> = { black: "0,0,0", red: "253,1,0" };

const RULES: Partial<Record<DataType, Rule>> = {
  text: textValue,
  footage: textValue,
  number: integerValue,
  integer: integerValue,
  percent: integerValue,
  timecode: integerValue,
  duration: (call, field, value) =>
    integerValue(call, field, typeof value === "number" ? Math.trunc(value) : value),
  float: (call, field, value) => realValue(call, field, value, FLOAT_LIMIT, 6),
  currency: (call, field, value) => realValue(call, field, value, CURRENCY_LIMIT, 2),
  date: (call, field, value) => dateValue(call, field, value, wireDate),
  date_time: (call, field, value) => dateValue(call, field, value, wireDateTime),
  checkbox: checkboxValue,
  list: choiceValue,
  status_list: choiceValue,
  color: colorValue,
  entity: linkValue,
  multi_entity: linksValue,
  tag_list: tagsValue,
  entity_type: entityTypeValue,
  image: imageValue,
  serializable: jsonValue,
  jsonb: (_call, _field, value) => value,
  password: textValue,
};

const NEVER_NULL = new Set<DataType>(["checkbox", "multi_entity", "tag_list"]);

/**
 * The value as it is kept. Faults for what the field does not take.
 * @param value as on the wire
 */
export function writtenValue(call: Call, field: Field, value: unknown): unknown {
  const rule = RULES[field.dataType];
  if (!rule) throw malformed(`API ${call.method}() ${field.entityType}.${field.name} is read only.`);
  if (value === null && !NEVER_NULL.has(field.dataType)) return null;
  return rule(call, field, value);
}

function textValue(call: Call, field: Field, value: unknown): string | null {
  if (typeof value !== "string") throw wrong(call, field, ["String", "NilClass"], value);
  return value.trim() || null;
}

function integerValue(call: Call, field: Field, value: unknown): number {
  const number = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number))
    throw wrong(call, field, ["Integer", "NilClass"], value);
  if (number < -INT32 || number >= INT32) throw notLegal(call, field);
  return number;
}

function realValue(call: Call, field: Field, value: unknown, limit: number, decimals: number): number {
  const isNumeric = typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value));
  const number = isNumeric ? Number(value) : value;
  if (typeof number !== "number") throw wrong(call, field, ["Float", "NilClass"], value);
  if (Math.abs(number) > limit) throw notLegal(call, field);
  return Number(number.toFixed(decimals));
}

function dateValue(call: Call, field: Field, value: unknown, parse: (text: string) => string | null): string {
  const parsed = typeof value === "string" ? parse(value) : null;
  if (parsed !== null) return parsed;
  if (typeof value !== "string") throw wrong(call, field, ["String", "NilClass"], value);
  throw malformed(
    `API ${call.method}() ${field.entityType}.${field.name} invalid '${field.dataType}' value: ${JSON.stringify(value)}`,
  );
}

function checkboxValue(call: Call, field: Field, value: unknown): boolean {
  if (typeof value !== "boolean") throw wrong(call, field, ["TrueClass", "FalseClass"], value);
  return value;
}

function choiceValue(call: Call, field: Field, value: unknown): string | null {
  if (typeof value !== "string") throw wrong(call, field, ["String", "NilClass"], value);
  if (value === "") return null;
  const valid = field.raw.valid_values ?? [];
  if (valid.includes(value)) return value;
  throw malformed(
    `API ${call.method}() ${field.entityType}.${field.name}: '${value}' is not a valid list value. Valid values: ${JSON.stringify(valid)}`,
  );
}

function colorValue(call: Call, field: Field, value: unknown): string {
  if (typeof value !== "string") throw wrong(call, field, ["String", "NilClass"], value);
  const parts = /^(\d{1,3}),(\d{1,3}),(\d{1,3})$/.exec(value);
  if (parts?.slice(1).every((part) => Number(part) <= 255)) return value;
  if (value === "pipeline_step" && field.entityType === "Task") return value;
  const named = COLORS[value.toLowerCase()];
  if (!named) throw notLegal(call, field);
  return named;
}

/** A link to a row that exists and is live. */
function linkValue(call: Call, field: Field, value: unknown): Ref {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrong(call, field, ["Hash", "NilClass"], value);
  const { type, id } = value as Record<string, unknown>;
  if (typeof type !== "string" || !call.core.schema.find(type))
    throw malformed(
      `API ${call.method}() ${field.entityType}.${field.name} invalid/missing entity hash string 'type': ${JSON.stringify(value)}. Valid types: ${JSON.stringify(field.validTypes)}`,
    );
  if (!Number.isInteger(id))
    throw malformed(
      `API ${call.method}() ${field.entityType}.${field.name} invalid/missing entity hash integer 'id': ${JSON.stringify(value)}`,
    );
  if (field.validTypes.length > 0 && !field.validTypes.includes(type))
    throw crud(
      call,
      6,
      `${failedFor(call)} [${field.entityType}.${field.name}]: ${field.validTypes.join(", ")} expected, got ${type}(#${id})`,
    );
  if (!call.core.names.live(type, id as number)) throw notLegal(call, field);
  return { type, id: id as number };
}

/** Duplicates are dropped. */
function linksValue(call: Call, field: Field, value: unknown): Ref[] {
  if (!Array.isArray(value)) throw wrong(call, field, ["Array"], value);
  const unique = new Map<string, Ref>();
  for (const item of value) {
    const ref = linkValue(call, field, item);
    unique.set(`${ref.type} ${ref.id}`, ref);
  }
  return [...unique.values()];
}

function tagsValue(call: Call, field: Field, value: unknown): string[] {
  if (!Array.isArray(value) || value.some((tag) => typeof tag !== "string"))
    throw wrong(call, field, ["Array"], value);
  return [...new Set((value as string[]).map((tag) => tag.trim()).filter(Boolean))];
}

function entityTypeValue(call: Call, field: Field, value: unknown): string {
  if (call.core.schema.find(value)) return value as string;
  if (typeof value !== "string") throw wrong(call, field, ["String", "NilClass"], value);
  throw notLegal(call, field);
}

/** Images come by upload; a write can only take them away. */
function imageValue(call: Call, field: Field, value: unknown): never {
  throw wrong(call, field, ["NilClass"], value);
}

function jsonValue(call: Call, field: Field, value: unknown): unknown {
  if (typeof value !== "object") throw wrong(call, field, ["Hash", "NilClass"], value);
  return value;
}

function wrong(call: Call, field: Field, expected: string[], value: unknown): Error {
  return malformed(
    `API ${call.method}() ${field.entityType}.${field.name} expected [${expected.join(", ")}] data type(s) but got ${rubyClass(value)}: ${JSON.stringify(value)}`,
  );
}

export function notLegal(call: Call, field: Field): Error {
  return crud(call, 6, `${failedFor(call)} [${field.entityType}.${field.name}]: Value is not legal.`);
}

export function failedFor(call: Call): string {
  return `${call.method === "create" ? "Create" : "Update"} failed for`;
}
