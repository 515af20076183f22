/** Relations of links and lists of links (protocol notes 4.4). A link to a retired row counts as no link. */
import { malformed } from "../fault.ts";
import type { Field } from "../schema/schema.ts";
import { quote, type Ref } from "../store/columns.ts";
import { linkedSql } from "../store/links.ts";
import { type Compiling, type Operand, type RelationSql, wrongType } from "./operand.ts";
import { endsWith, equals, found, startsWith } from "./relations-value.ts";
import { type Sql, sql } from "./scope.ts";

export const linkSql: RelationSql = (operand, condition, compiling) => {
  const { scope, field } = operand;
  const column = (part: string) => `${scope.alias}.${quote(`${field.name}.${part}`)}`;
  const n = scope.nextAlias();
  const target = `site_name ${n} WHERE ${n}.type = ${column("type")} AND ${n}.id = ${column("id")} AND ${n}.live = 1`;
  return matchSql(`SELECT 1 FROM ${target}`, n, operand, condition, compiling);
};

export const linkListSql: RelationSql = (operand, condition, compiling) => {
  const { scope, field } = operand;
  const n = scope.nextAlias();
  const linked = linkedSql(scope.core.sides, field, `= ${scope.alias}.id`);
  const targets = `(${linked}) l JOIN site_name ${n} ON ${n}.type = l.type AND ${n}.id = l.id AND ${n}.live = 1 WHERE 1`;
  return matchSql(`SELECT 1 FROM ${targets}`, n, operand, condition, compiling);
};

/**
 * Both kinds alike: the row has a target (alias `n`) that matches, or, negated, has none. A list of links
 * `is X` when it contains X.
 */
const matchSql = (
  targets: string,
  n: string,
  { field }: Operand,
  { relation, values }: Parameters<RelationSql>[1],
  compiling: Compiling,
): Sql => {
  const negated = relation.includes("not_") || relation.endsWith("_not");
  const not = negated ? "NOT " : "";
  const matching = (match: Sql) => sql(`EXISTS (${targets} AND ${match.text})`, ...match.params);
  if (relation.startsWith("name_")) {
    const match = matching(nameMatch(n, relation, nameValue(field, values[0], compiling)));
    return sql(`${not}${match.text}`, ...match.params);
  }
  if (relation.startsWith("type_")) {
    const match = matching(sql(`${n}.type = ?`, nameValue(field, values[0], compiling)));
    return sql(`${not}${match.text}`, ...match.params);
  }
  const refs = values.map((value) => (value === null ? null : refValue(field, value, compiling)));
  const parts = refs.map((ref) =>
    ref ? matching(sql(`${n}.type = ? AND ${n}.id = ?`, ref.type, ref.id)) : sql(`NOT EXISTS (${targets})`),
  );
  return sql(
    `${not}(${parts.map((part) => part.text).join(" OR ")})`,
    ...parts.flatMap((part) => part.params),
  );
};

function nameMatch(n: string, relation: string, text: string): Sql {
  const name = `${n}.name`;
  if (relation.endsWith("contains")) return text === "" ? sql("1") : found(name, text);
  if (relation === "name_starts_with") return startsWith(name, text);
  if (relation === "name_ends_with") return endsWith(name, text);
  return equals(name, text);
}

function nameValue(field: Field, value: unknown, compiling: Compiling): string {
  if (typeof value !== "string") throw wrongType(field, ["String"], value, compiling);
  return value;
}

/** `{type, id}`; other keys are ignored. */
function refValue(field: Field, value: unknown, compiling: Compiling): Ref {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw wrongType(field, ["Hash", "NilClass"], value, compiling);
  const { type, id } = value as Record<string, unknown>;
  if (typeof type !== "string")
    throw malformed(
      `${compiling.api} ${field.entityType}.${field.name} invalid/missing entity hash string 'type': ${JSON.stringify(value)}. Valid types: ${JSON.stringify(field.validTypes)}`,
    );
  if (!Number.isInteger(id))
    throw malformed(
      `${compiling.api} ${field.entityType}.${field.name} invalid/missing entity hash integer 'id': ${JSON.stringify(value)}`,
    );
  return { type, id: id as number };
}
