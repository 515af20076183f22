/** Relations of dates and times (protocol notes 4.4). Both are stored so that text order is time order. */

import { wireDate, wireDateTime } from "../dates.ts";
import { asText, malformed } from "../fault.ts";
import type { Field } from "../schema/schema.ts";
import { valueSql } from "../store/columns.ts";
import { type Bucket, bucket, type Span, span, UNITS } from "./date-ranges.ts";
import { type Compiling, type RelationSql, wrongType } from "./operand.ts";
import { orderedSql } from "./relations-value.ts";
import { type Sql, sql } from "./scope.ts";

export const dateSql: RelationSql = (operand, { relation, values }, compiling) => {
  const { scope, field } = operand;
  const column = valueSql(scope.type, field, scope.alias);
  const calendar = /^in_calendar_(day|week|month|year)$/.exec(relation);
  if (calendar) {
    const offset = wholeNumber(field, values[0], compiling);
    return within(column, bucket(compiling.now, calendar[1] as Bucket, offset, field.dataType === "date"));
  }
  if (/^(not_)?in_(last|next)$/.test(relation)) {
    const count = wholeNumber(field, values[0], compiling);
    const unit = timeUnit(relation, values[1], compiling);
    const signed = relation.endsWith("last") ? -count : count;
    const inside = within(column, span(compiling.now, signed, unit, field.dataType === "date"));
    if (!relation.startsWith("not_")) return inside;
    return sql(`(${column} IS NULL OR NOT (${inside.text}))`, ...inside.params);
  }
  return orderedSql(
    column,
    relation,
    values.map((value) => dateValue(field, value, compiling)),
  );
};

function within(column: string, { first, last }: Span): Sql {
  return sql(`${column} BETWEEN ? AND ?`, first, last);
}

function dateValue(field: Field, value: unknown, compiling: Compiling): string | null {
  if (value === null) return null;
  if (typeof value !== "string") throw wrongType(field, ["String", "NilClass"], value, compiling);
  const parsed = field.dataType === "date" ? wireDate(value) : wireDateTime(value);
  if (parsed === null)
    throw malformed(
      `${compiling.api} ${field.entityType}.${field.name} invalid '${field.dataType}' value: ${JSON.stringify(value)}`,
    );
  return parsed;
}

function wholeNumber(field: Field, value: unknown, compiling: Compiling): number {
  if (!Number.isInteger(value)) throw wrongType(field, ["Integer"], value, compiling);
  return value as number;
}

function timeUnit(relation: string, value: unknown, { api }: Compiling): (typeof UNITS)[number] {
  const unit = UNITS.find((known) => known === value);
  if (!unit)
    throw malformed(
      `${api} '${relation}' 'relation' doesn't support the '${asText(value)}' time unit. Valid time units: ${JSON.stringify(UNITS)}`,
    );
  return unit;
}
