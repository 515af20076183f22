/** Relations of text, numbers, checkboxes, lists, tags, images and JSON (protocol notes 4.4). */
import { refused } from "../fault.ts";
import { valueSql } from "../store/columns.ts";
import { type Compiling, type Operand, type RelationSql, wrongType } from "./operand.ts";
import { joined, type Sql, sql } from "./scope.ts";

/** Every text relation ignores case; negations also match nulls. */
export const textSql: RelationSql = (operand, { relation, values }, compiling) => {
  const column = columnOf(operand);
  const texts = values.map((value) => textValue(operand, value, compiling));
  const needle = texts[0] ?? "";
  switch (relation) {
    case "is":
      return texts[0] === null || needle === "" ? sql(`${column} IS NULL`) : equals(column, needle);
    case "is_not":
      return texts[0] === null || needle === ""
        ? sql(`${column} IS NOT NULL`)
        : unless(column, equals(column, needle));
    case "in":
    case "not_in": {
      if (texts.includes(null))
        throw refused(
          `${compiling.api} '${relation}' on a text field does not take null: ${JSON.stringify(values)}`,
        );
      const any = anyOf(column, texts as string[]);
      return relation === "in" ? any : unless(column, any);
    }
    case "contains":
      return needle === "" ? sql(`${column} IS NOT NULL`) : found(column, needle);
    case "not_contains":
      return needle === "" ? sql(`${column} IS NULL`) : unless(column, found(column, needle));
    case "starts_with":
      return startsWith(column, needle);
    default:
      return endsWith(column, needle);
  }
};

export const numberSql: RelationSql = (operand, { relation, values }, compiling) => {
  const column = columnOf(operand);
  for (const value of values)
    if (value !== null && typeof value !== "number")
      throw wrongType(operand.field, ["Integer", "Float", "NilClass"], value, compiling);
  return orderedSql(column, relation, values as (number | null)[]);
};

/** `is`, `in`, `greater_than`, `between` and their kin, over a column whose values SQLite orders rightly. */
export function orderedSql(column: string, relation: string, values: (number | string | null)[]): Sql {
  const [first, second] = values as [number | string | null, number | string | null];
  switch (relation) {
    case "is":
      return first === null ? sql(`${column} IS NULL`) : sql(`${column} = ?`, first);
    case "is_not":
      return first === null
        ? sql(`${column} IS NOT NULL`)
        : sql(`(${column} IS NULL OR ${column} <> ?)`, first);
    case "in":
      return membersSql(column, values);
    case "not_in": {
      const members = membersSql(column, values);
      return sql(`NOT coalesce(${members.text}, 0)`, ...members.params);
    }
    case "greater_than":
      return first === null ? sql("0") : sql(`${column} > ?`, first);
    case "less_than":
      return first === null ? sql("0") : sql(`${column} < ?`, first);
    case "not_between":
      return first === null || second === null
        ? sql("1")
        : sql(`(${column} IS NULL OR ${column} NOT BETWEEN ? AND ?)`, first, second);
    default:
      return first === null || second === null ? sql("0") : sql(`${column} BETWEEN ? AND ?`, first, second);
  }
}

function membersSql(column: string, values: (number | string | null)[]): Sql {
  const list = sql(
    `${column} IN (SELECT value FROM json_each(?))`,
    JSON.stringify(values.filter((value) => value !== null)),
  );
  return values.includes(null) ? sql(`(${column} IS NULL OR ${list.text})`, ...list.params) : list;
}

export const checkboxSql: RelationSql = (operand, { relation, values: [value] }, compiling) => {
  if (typeof value !== "boolean")
    throw wrongType(operand.field, ["TrueClass", "FalseClass"], value, compiling);
  // A checkbox is never null; rows older than the field count as unchecked.
  return sql(`coalesce(${columnOf(operand)}, 0) ${relation === "is" ? "=" : "<>"} ?`, value ? 1 : 0);
};

/** Lists, statuses, colours, type names and uuids: unknown values match nothing, case is ignored but for type names. */
export const choiceSql: RelationSql = (operand, { relation, values }, compiling) => {
  const column = columnOf(operand);
  const texts = values.map((value) => textValue(operand, value, compiling));
  const given = texts.filter((text) => text !== null && text !== "") as string[];
  const exact = operand.field.dataType === "entity_type";
  const parts: Sql[] = [];
  if (given.length > 0) parts.push(exact ? membersSql(column, given) : anyOf(column, given));
  if (given.length < texts.length) parts.push(sql(`${column} IS NULL`));
  const any = joined(parts, " OR ");
  const negated = relation === "is_not" || relation === "not_in";
  return sql(negated ? `NOT coalesce(${any.text}, 0)` : `(${any.text})`, ...any.params);
};

export const tagsSql: RelationSql = (operand, { relation, values: [value] }, compiling) => {
  const tags = `(SELECT fold(value) AS tag FROM json_each(${columnOf(operand)}))`;
  if (relation === "name_id")
    return sql(
      `EXISTS (SELECT 1 FROM ${tags} JOIN "Tag" x ON fold(x.name) = tag WHERE x.id = ?)`,
      Number(value),
    );
  const text = textValue(operand, value, compiling);
  const negated = relation === "is_not" || relation === "name_not_contains";
  if (text === null) return sql(`${negated ? "" : "NOT "}EXISTS (SELECT 1 FROM ${tags})`);
  const match = relation.startsWith("name_") ? "instr(tag, ?)" : "tag = ?";
  return sql(`${negated ? "NOT " : ""}EXISTS (SELECT 1 FROM ${tags} WHERE ${match})`, text.toLowerCase());
};

export const imageSql: RelationSql = (operand, { relation, values: [value] }, compiling) => {
  if (value !== null) throw wrongType(operand.field, ["NilClass"], value, compiling);
  return sql(`${columnOf(operand)} IS ${relation === "is" ? "" : "NOT "}NULL`);
};

export const jsonSql: RelationSql = (operand, { relation, values: [value] }) => {
  // A measured site takes filters on this column and ignores them.
  if (operand.field.name === "audit_trail") return sql("1");
  const column = columnOf(operand);
  const negated = relation === "is_not" || relation === "not_contains";
  const match =
    relation === "is" || relation === "is_not"
      ? value === null
        ? sql(`${column} IS NULL`)
        : sql(`json_same(${column}, ?)`, JSON.stringify(value))
      : sql(`json_holds(${column}, ?)`, JSON.stringify(value));
  return negated ? sql(`NOT (${match.text})`, ...match.params) : match;
};

function columnOf({ scope, field }: Operand): string {
  return valueSql(scope.type, field, scope.alias);
}

function textValue(operand: Operand, value: unknown, compiling: Compiling): string | null {
  if (value !== null && typeof value !== "string")
    throw wrongType(operand.field, ["String", "NilClass"], value, compiling);
  return value;
}

/** SQLite folds the case of ASCII fast, and of nothing else. */
function folded(column: string, needle: string): string {
  return isAscii(needle) ? `lower(${column})` : `fold(${column})`;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 127) return false;
  return true;
}

export function equals(column: string, needle: string): Sql {
  return sql(`${folded(column, needle)} = ?`, needle.toLowerCase());
}

function anyOf(column: string, needles: string[]): Sql {
  const set = JSON.stringify(needles.map((needle) => needle.toLowerCase()));
  return sql(`${folded(column, needles.join(""))} IN (SELECT value FROM json_each(?))`, set);
}

export function found(column: string, needle: string): Sql {
  return sql(`instr(${folded(column, needle)}, ?) > 0`, needle.toLowerCase());
}

export function startsWith(column: string, needle: string): Sql {
  const text = needle.toLowerCase();
  return sql(`substr(${folded(column, needle)}, 1, ?) = ?`, [...text].length, text);
}

export function endsWith(column: string, needle: string): Sql {
  const text = needle.toLowerCase();
  if (text === "") return sql(`${column} IS NOT NULL`);
  return sql(`substr(${folded(column, needle)}, ?) = ?`, -[...text].length, text);
}

function unless(column: string, match: Sql): Sql {
  return sql(`(${column} IS NULL OR NOT ${match.text})`, ...match.params);
}
