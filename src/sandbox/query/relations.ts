/** The relations of each data type (protocol notes 4.4): which exist, their arity, and where their SQL is. */
import { malformed } from "../fault.ts";
import type { DataType } from "../schema/file.ts";
import type { Condition } from "./filter.ts";
import type { Compiling, Operand, RelationSql } from "./operand.ts";
import { dateSql } from "./relations-date.ts";
import { linkListSql, linkSql } from "./relations-link.ts";
import { checkboxSql, choiceSql, imageSql, jsonSql, numberSql, tagsSql, textSql } from "./relations-value.ts";
import type { Sql } from "./scope.ts";

const WRITERS: Partial<Record<DataType, RelationSql>> = {
  text: textSql,
  number: numberSql,
  integer: numberSql,
  float: numberSql,
  percent: numberSql,
  currency: numberSql,
  duration: numberSql,
  timecode: numberSql,
  date: dateSql,
  date_time: dateSql,
  checkbox: checkboxSql,
  color: choiceSql,
  list: choiceSql,
  status_list: choiceSql,
  entity_type: choiceSql,
  uuid: choiceSql,
  entity: linkSql,
  multi_entity: linkListSql,
  tag_list: tagsSql,
  image: imageSql,
  jsonb: jsonSql,
};

/** How many values a relation takes; one where none is named. */
const ARITY: Record<string, number | "list"> = {
  in: "list",
  not_in: "list",
  between: 2,
  not_between: 2,
  in_last: 2,
  not_in_last: 2,
  in_next: 2,
  not_in_next: 2,
};

/** Recipients of notes and deliveries are addressings, which know more relations; schemas type them multi_entity. */
const ADDRESSING_RELATIONS = ["contains", "not_contains", "name_starts_with", "name_ends_with"];

export function relationSql(operand: Operand, condition: Condition, compiling: Compiling): Sql {
  const { field } = operand;
  const valid = relationsOf(operand);
  const writer = WRITERS[field.dataType];
  if (!writer || valid.length === 0)
    throw malformed(
      `${compiling.api} ${field.entityType}.${field.name}'s '${field.dataType}' data type cannot be used in a filter.`,
    );
  if (!valid.includes(condition.relation))
    throw malformed(
      `${compiling.api} ${field.entityType}.${field.name}'s '${field.dataType}' data type doesn't support '${condition.relation}' 'relation'. Valid relations: ${JSON.stringify(valid)}`,
    );
  checkArity(condition, compiling);
  return writer(operand, condition, compiling);
}

function relationsOf({ scope, field }: Operand): string[] {
  const relations = scope.core.file.data_types[field.dataType]?.operators ?? [];
  return field.name.startsWith("addressings_") ? [...relations, ...ADDRESSING_RELATIONS] : relations;
}

function checkArity({ relation, values }: Condition, { api }: Compiling): void {
  const arity = ARITY[relation] ?? 1;
  if (arity === "list" ? values.length >= 1 : values.length === arity) return;
  const wanted = arity === "list" ? "at least a 1-element" : `a ${arity}-element`;
  throw malformed(`${api} '${relation}' 'relation' expects ${wanted} array: ${JSON.stringify(values)}`);
}
