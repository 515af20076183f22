/** `sorts`: several keys, the first is primary, `id` is always the last one (protocol notes 4.6). */
import { asText } from "../fault.ts";
import type { Field } from "../schema/schema.ts";
import { isJson, isLinkList, quote, valueSql } from "../store/columns.ts";
import type { Scope } from "./scope.ts";

export interface Sorting {
  sql: string;
  /** Set when the rows come in id order and nothing else. */
  byId: "asc" | "desc" | null;
}

/** Unknown fields, and those that cannot be sorted, are ignored. Nulls come first when ascending. */
export function parseSorts(scope: Scope, value: unknown): Sorting {
  const keys: string[] = [];
  let byId: Sorting["byId"] = "asc";
  for (const item of Array.isArray(value) ? value : []) {
    const { field_name: path, direction } = (item ?? {}) as Record<string, unknown>;
    const end = typeof path === "string" ? endOf(scope, path.split(".")) : null;
    if (!end) continue;
    const way = asText(direction ?? "asc").toLowerCase() === "desc" ? "desc" : "asc";
    if (keys.length === 0) byId = end.scope === scope && end.field.name === "id" ? way : null;
    keys.push(`${orderSql(end.scope, end.field)} ${way}`);
    if (end.scope === scope && end.field.name === "id") return { sql: keys.join(", "), byId };
  }
  return { sql: [...keys, `${scope.alias}.id asc`].join(", "), byId };
}

function endOf(scope: Scope, path: string[]): { scope: Scope; field: Field } | null {
  const field = scope.type.fields.get(path[0]!);
  if (!field || isJson(field) || isLinkList(field) || field.dataType === "summary") return null;
  if (path.length === 1) return { scope, field };
  const next = scope.core.schema.find(path[1]);
  if (!next || path.length === 2 || field.dataType !== "entity") return null;
  return endOf(scope.follow(field, next), path.slice(2));
}

/** Links sort by name, text without regard to case. */
function orderSql(scope: Scope, field: Field): string {
  if (field.dataType === "entity") {
    const link = (part: string) => `${scope.alias}.${quote(`${field.name}.${part}`)}`;
    return `(SELECT name FROM site_name WHERE type = ${link("type")} AND id = ${link("id")} AND live = 1) COLLATE NOCASE`;
  }
  const value = valueSql(scope.type, field, scope.alias);
  return field.dataType === "text" ? `${value} COLLATE NOCASE` : value;
}
