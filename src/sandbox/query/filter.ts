/** Filters as they stand in a request, checked for shape only (protocol notes 4.2). */
import { asText, malformed } from "../fault.ts";

export interface Condition {
  path: string;
  relation: string;
  values: unknown[];
}

export interface Group {
  operator: "and" | "or";
  items: Filter[];
}

export type Filter = Condition | Group;

export function isGroup(filter: Filter): filter is Group {
  return "items" in filter;
}

/** @param api how faults begin: `API read()` */
export function parseFilters(value: unknown, api: string): Group {
  if (!isObject(value) || !("conditions" in value))
    throw malformed(`${api} invalid/missing hash 'filters':\n${JSON.stringify(value ?? null)}`);
  return parseGroup(value, api);
}

function parseGroup(value: Record<string, unknown>, api: string): Group {
  const { logical_operator: operator, conditions } = value;
  if (operator !== "and" && operator !== "or")
    throw malformed(
      `${api} ${operator === undefined ? "Missing logical operator" : `Invalid logical operator: ${asText(operator)}`}`,
    );
  if (!Array.isArray(conditions))
    throw malformed(`${api} invalid/missing array 'conditions':\n${JSON.stringify(value)}`);
  return { operator, items: conditions.map((item) => parseItem(item, api)) };
}

function parseItem(value: unknown, api: string): Filter {
  if (!isObject(value))
    throw malformed(`${api} expected a condition hash but got:\n${JSON.stringify(value)}`);
  if ("conditions" in value || "logical_operator" in value) return parseGroup(value, api);
  const { path, relation, values } = value;
  if (typeof path !== "string")
    throw malformed(`${api} invalid/missing string 'path':\n${JSON.stringify(value)}`);
  if (typeof relation !== "string")
    throw malformed(`${api} invalid/missing string 'relation':\n${JSON.stringify(value)}`);
  if (!Array.isArray(values))
    throw malformed(`${api} invalid/missing array 'values':\n${JSON.stringify(value)}`);
  return { path, relation, values };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
