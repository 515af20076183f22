/** Relations of links and lists of links (protocol notes 4.4). A link to a retired row counts as no link. */
import { malformed } from "../fault.ts";
import type { Field } from "../schema/schema.ts";
import { quote, type Ref } from "../store/columns.ts";
import { linkedSql } from "../store/links.ts";
import type { Condition } from "./filter.ts";
import { type Compiling, type Operand, type RelationSql, wrongType } from "./operand.ts";
import { endsWith, equals, found, startsWith } from "./relations-value.ts";
import { joined, type Sql, sql } from "./scope.ts";

export const linkSql: RelationSql = (operand, condition, compiling) => {
  const { scope, field } = operand;
  const column = (part: string) => `${scope.alias}.${quote(`${field.name}.${part}`)}`;
  const n = scope.nextAlias();
  const target = `site_name ${n} WHERE ${n}.type = ${column("type")} AND ${n}.id = ${column("id")} AND ${n}.live = 1`;
  const match = matchSql(`SELECT 1 FROM ${target}`, n, operand, condition, compiling);
  const { relation, values } = condition;
  if (!(relation === "is" || relation === "in") || values.includes(null)) return match;
  // Said once more about the row itself, so that most rows are passed over, or found by an index.
  const ids = JSON.stringify(values.map((value) => (value as Ref).id));
  return sql(`${column("id")} IN (SELECT value FROM json_each(?)) AND ${match.text}`, ids, ...match.params);
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
  { relation, values }: Condition,
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
  const refs = values.filter((value) => value !== null).map((value) => refValue(field, value, compiling));
  const parts = refs.length > 0 ? [matching(amongSql(n, refs))] : [];
  if (refs.length < values.length) parts.push(sql(`NOT EXISTS (${targets})`));
  const any = joined(parts, " OR ");
  return sql(`${not}(${any.text})`, ...any.params);
};

function amongSql(n: string, refs: Ref[]): Sql {
  const [first, ...more] = refs;
  if (first && more.length === 0) return sql(`${n}.type = ? AND ${n}.id = ?`, first.type, first.id);
  return sql(
    `(${n}.type, ${n}.id) IN (SELECT value ->> 'type', value ->> 'id' FROM json_each(?))`,
    JSON.stringify(refs),
  );
}

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
