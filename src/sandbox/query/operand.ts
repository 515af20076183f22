import { malformed } from "../fault.ts";
import type { Field } from "../schema/schema.ts";
import type { Condition } from "./filter.ts";
import type { Scope, Sql } from "./scope.ts";

export interface Compiling {
  /** How faults begin: `API read()`. */
  api: string;
  now: Date;
}

/** The field at the end of a path, in the row of `scope`. */
export interface Operand {
  scope: Scope;
  field: Field;
}

/** Writes the SQL of one relation; the relation exists for the data type and has the right number of values. */
export type RelationSql = (operand: Operand, condition: Condition, compiling: Compiling) => Sql;

/** The fault for a value of the wrong JSON type. */
export function wrongType(field: Field, expected: string[], value: unknown, { api }: Compiling): Error {
  return malformed(
    `${api} ${field.entityType}.${field.name} expected [${expected.join(", ")}] data type(s) but got ${rubyClass(value)}: ${JSON.stringify(value)}`,
  );
}

/** Sites name JSON types by their Ruby classes. */
export function rubyClass(value: unknown): string {
  if (value === null || value === undefined) return "NilClass";
  if (Array.isArray(value)) return "Array";
  if (typeof value === "number") return Number.isInteger(value) ? "Integer" : "Float";
  if (typeof value === "boolean") return value ? "TrueClass" : "FalseClass";
  return typeof value === "string" ? "String" : "Hash";
}
