/** How the official Python client words filters, orders and entities (protocol notes 4 and 5.4). */

export type Values = Record<string, unknown>;
export interface Entity extends Values {
  type: string;
  id: number;
}
export type Filter = [string, string, ...unknown[]] | { filter_operator: "any" | "all"; filters: Filter[] };

const SLIM_KEYS = ["id", "type", "url", "name", "content_type", "local_path", "storage", "relative_path"];
const SLIM_RELATIONS = ["is", "is_not", "in", "not_in"];

export function translated(filters: Filter[], operator: "all" | "any" = "all"): Values {
  return {
    logical_operator: operator === "all" ? "and" : "or",
    conditions: filters.map((filter) =>
      Array.isArray(filter) ? condition(filter) : translated(filter.filters, filter.filter_operator),
    ),
  };
}

function condition([path, relation, ...rest]: [string, string, ...unknown[]]): Values {
  let values = rest.length === 1 && Array.isArray(rest[0]) ? rest[0] : rest;
  if (SLIM_RELATIONS.includes(relation) && path !== "id" && isDict(values[0])) values = values.map(slim);
  return { path, relation, values };
}

/** What an `update` sends of a value: entities lose what the site does not need. */
export function slimmed(value: unknown): unknown {
  return Array.isArray(value) ? value.map(slim) : slim(value);
}

function slim(value: unknown): unknown {
  if (!isDict(value) || !("id" in value && "type" in value)) return value;
  return Object.fromEntries(SLIM_KEYS.filter((key) => key in value).map((key) => [key, value[key]]));
}

function isDict(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `[{field_name, value}]` */
export function fieldList(data: Values, more: (name: string) => Values = () => ({})): Values[] {
  return Object.entries(data).map(([field_name, value]) => ({ field_name, value, ...more(field_name) }));
}

/** What the client makes of a record: text that the site keeps as `&lt;`. */
export function readable<Shape>(records: Shape): Shape {
  for (const record of Array.isArray(records) ? records : [records])
    if (isDict(record))
      for (const [key, value] of Object.entries(record))
        if (typeof value === "string") record[key] = value.replaceAll("&lt;", "<");
  return records;
}
