/** Filters as people write them, and as the site takes them (protocol notes 4.2). */
import { BadArgument, show } from "./argument.ts";
import { isObject, slimEntity } from "./entity.ts";
import { outbound } from "./values.ts";

/** The relations sites know; which ones fit depends on the field's data type (protocol notes 4.4). */
export type Relation =
  | "is"
  | "is_not"
  | "less_than"
  | "greater_than"
  | "contains"
  | "not_contains"
  | "starts_with"
  | "ends_with"
  | "between"
  | "not_between"
  | "in_last"
  | "in_next"
  | "not_in_last"
  | "not_in_next"
  | "in"
  | "not_in"
  | "type_is"
  | "type_is_not"
  | "in_calendar_day"
  | "in_calendar_week"
  | "in_calendar_month"
  | "in_calendar_year"
  | "name_is"
  | "name_contains"
  | "name_not_contains"
  | "name_starts_with"
  | "name_ends_with"
  | "name_id";

export type FilterOperator = "all" | "any" | "and" | "or";

/**
 * `[path, relation, value, …]`; a single list as value is the same as its items one by one.
 * `["id", "in", [1, 2]]`, `["sg_sequence.Sequence.code", "starts_with", "sq"]`, `["created_at", "in_last", 4, "DAY"]`
 */
export type Condition =
  | readonly [path: string, relation: Relation, ...values: unknown[]]
  | readonly unknown[];

/** A condition in the site's own form; sent as it is. */
export interface WireCondition {
  path: string;
  relation: string;
  values: readonly unknown[];
}

/** A group in the site's own form; sent as it is. */
export interface WireGroup {
  logical_operator: "and" | "or";
  conditions: readonly (WireCondition | WireGroup)[];
}

/** Conditions that belong together; `filter_operator` is the same as `filterOperator`. */
export type FilterGroup =
  | { filterOperator: FilterOperator; filters: readonly Filter[] }
  | { filter_operator: FilterOperator; filters: readonly Filter[] };

export type Filter = Condition | FilterGroup | WireCondition | WireGroup;

/** A list of filters, all of which must match (see `filterOperator`); `[]` matches everything. Or a whole `WireGroup`. */
export type Filters = readonly Filter[] | WireGroup;

const OPERATORS: Record<string, "and" | "or"> = { all: "and", and: "and", any: "or", or: "or" };

/** Relations whose values may be whole entities, of which only the keys that matter are sent. */
const ENTITY_RELATIONS = new Set(["is", "is_not", "in", "not_in"]);

/**
 * @param operator how the filters of the list combine; default "all"
 * @param slim whether entities in values are cut down to the keys that are sent (protocol notes 5.4)
 * @throws BadArgument
 */
export function wireFilters(filters: unknown, operator: string | undefined, slim: boolean): WireGroup {
  if (Array.isArray(filters)) return group(operator ?? "all", filters, "filters", slim);
  if (!isObject(filters)) throw new BadArgument(`filters must be a list, got ${show(filters)}`);
  if (operator !== undefined) {
    throw new BadArgument("filterOperator cannot be combined with filters in the site's own form");
  }
  return outbound(filters, "filters") as WireGroup;
}

function group(operator: unknown, filters: readonly unknown[], path: string, slim: boolean): WireGroup {
  const logical = typeof operator === "string" ? OPERATORS[operator] : undefined;
  if (logical === undefined) {
    throw new BadArgument(`${path} has the filterOperator ${show(operator)}; it must be all, any, and or or`);
  }
  return {
    logical_operator: logical,
    conditions: filters.map((filter, index) => wireFilter(filter, `${path}[${index}]`, slim)),
  };
}

function wireFilter(filter: unknown, path: string, slim: boolean): WireCondition | WireGroup {
  if (Array.isArray(filter)) return condition(filter, path, slim);
  if (!isObject(filter)) throw new BadArgument(`${path} must be a list or an object, got ${show(filter)}`);
  if ("conditions" in filter || "path" in filter) {
    return outbound(filter, path) as WireCondition | WireGroup;
  }
  if (!Array.isArray(filter.filters)) {
    throw new BadArgument(`${path}.filters must be a list, got ${show(filter.filters)}`);
  }
  return group(filter.filterOperator ?? filter.filter_operator, filter.filters, path, slim);
}

function condition(filter: readonly unknown[], where: string, slim: boolean): WireCondition {
  const [path, relation, ...rest] = filter;
  if (typeof path !== "string" || typeof relation !== "string") {
    throw new BadArgument(`${where} must be [path, relation, value], got ${show(filter)}`);
  }
  const only = rest.length === 1 ? rest[0] : undefined;
  let values: readonly unknown[] = Array.isArray(only) ? only : rest;
  const at = `${where}, [${show(path)}, ${show(relation)}],`;
  if (ENTITY_RELATIONS.has(relation) && path !== "id") {
    // The site would refuse it, and an "in" without values is mostly a list that was not expected to be empty.
    if (values.length === 0) throw new BadArgument(`${at} has no value`);
    if (slim && isObject(values[0])) values = values.map(slimEntity);
  }
  return { path, relation, values: values.map((value) => outbound(value, `${at} has a value that`)) };
}
