/** How the value of a field stands in the columns of its entity type's table. */
import type { EntityType, Field } from "../schema/schema.ts";
import type { Cell, Param } from "./database.ts";

/** A link as it is stored: names are looked up at reading time. */
export interface Ref {
  type: string;
  id: number;
}

const LINK_LISTS = new Set(["multi_entity"]);
const JSON_TYPES = new Set(["url", "serializable", "jsonb", "tag_list"]);
const INTEGERS = new Set(["number", "integer", "percent", "duration", "timecode", "checkbox"]);
const REALS = new Set(["float", "currency"]);

/** A name in SQL; only names from the schema come here. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** True for fields whose value is a list of links, kept outside the row. */
export function isLinkList(field: Field): boolean {
  return LINK_LISTS.has(field.dataType);
}

export function isJson(field: Field): boolean {
  return JSON_TYPES.has(field.dataType);
}

/** The columns of a field: none for link lists, two for links (type and id), else one. */
export function columnsOf(field: Field): string[] {
  if (isLinkList(field) || field.name === "id" || field.name === "cached_display_name") return [];
  return field.dataType === "entity" ? [`${field.name}.type`, `${field.name}.id`] : [field.name];
}

export function columnType(field: Field, column: string): string {
  if (field.dataType === "entity") return column.endsWith(".id") ? "INTEGER" : "TEXT";
  if (INTEGERS.has(field.dataType)) return "INTEGER";
  return REALS.has(field.dataType) ? "REAL" : "TEXT";
}

/** The SQL of a field that has one value which is not a link, in the row `alias`. */
export function valueSql(type: EntityType, field: Field, alias: string): string {
  if (field.name === "id") return `${alias}.id`;
  if (field.name === "cached_display_name")
    return type.identifier ? `${alias}.${quote(type.identifier)}` : "NULL";
  if (type.name === "TaskDependency" && field.name === "task_id") return `${alias}."task.id"`;
  if (type.name === "TaskDependency" && field.name === "dependent_task_id")
    return `${alias}."dependent_task.id"`;
  // Everybody sees when he was there himself.
  if (type.name === "Project" && field.name === "last_accessed_by_current_user")
    return `(SELECT at FROM site_access WHERE project = ${alias}.id AND viewer = site_viewer())`;
  return `${alias}.${quote(field.name)}`;
}

export function encode(field: Field, value: unknown): Param[] {
  if (field.dataType === "entity") {
    const ref = value as Ref | null;
    return ref ? [ref.type, ref.id] : [null, null];
  }
  if (value === null || value === undefined) return [null];
  if (isJson(field)) return [JSON.stringify(value)];
  if (field.dataType === "checkbox") return [value ? 1 : 0];
  return [value as Param];
}

/** @param cells one cell for each of `columnsOf(field)` */
export function decode(field: Field, cells: Cell[]): unknown {
  const [first, second] = cells;
  if (field.dataType === "entity")
    return second === null || second === undefined ? null : { type: first as string, id: second as number };
  if (first === null || first === undefined) return null;
  if (isJson(field)) return JSON.parse(first as string);
  return field.dataType === "checkbox" ? first === 1 : first;
}
