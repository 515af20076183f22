/** Recorded calls of the official Python client, put into our terms. */
import { readFileSync } from "node:fs";
import type { Shotgun } from "callsheet/client";

export interface RecordedCall {
  method: string;
  args?: unknown[];
  kwargs?: Record<string, unknown>;
}

export function readCases<T>(file: string): T[] {
  const text = readFileSync(new URL(`../protocol/${file}`, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as T);
}

/** Thrown for a value that has no counterpart in JavaScript. */
export class NoCounterpart extends Error {}

const ZONE_OF_THE_RECORDING = "+05:30";

/** Values that JSON cannot express stand in the files as objects with one `$` key. */
export function fromPython(value: unknown, zone = ZONE_OF_THE_RECORDING): unknown {
  if (Array.isArray(value)) return expand(value).map((item) => fromPython(item, zone));
  if (typeof value !== "object" || value === null) return value;
  const marked = value as Record<string, unknown>;
  if ("$tuple" in marked) return fromPython(marked.$tuple, zone);
  if ("$date" in marked) return marked.$date;
  if ("$datetime" in marked) return new Date(`${marked.$datetime}${offset(marked, zone)}`);
  const special = Object.keys(marked).find((key) => key.startsWith("$") && !key.startsWith("$FROM$"));
  if (special !== undefined) throw new NoCounterpart(`${special} has no counterpart in JavaScript`);
  return Object.fromEntries(Object.entries(marked).map(([key, item]) => [key, fromPython(item, zone)]));
}

function offset({ tz, offset: local }: Record<string, unknown>, zone: string): string {
  if (tz === null) return zone;
  return tz === "utc" ? "Z" : String(tz === "local" ? local : tz);
}

/** Long lists of records are stored with their middle left out: ids count on. */
function expand(list: unknown[]): unknown[] {
  const full: unknown[] = [];
  for (const item of list) {
    const elided = (item as { $elided?: number } | null)?.$elided;
    if (elided === undefined) full.push(item);
    for (let n = 0; n < (elided ?? 0); n++) {
      const { id, ...rest } = full.at(-1) as { id: number };
      full.push({ ...rest, id: id + 1 });
    }
  }
  return full;
}

/** Our call for a recorded one; null for a method that we do not have. */
export function ourCall(
  sg: Shotgun,
  { method, args = [], kwargs = {} }: RecordedCall,
): (() => unknown) | null {
  const named = { ...positional(method, args), ...kwargs };
  const given = fromPython(named) as Record<string, never>;
  const { entity_type, entity_id, filters, fields, data, project, signal, ...rest } = given;
  const options = camel(rest);
  const inProject = project ? { project, signal } : {};
  const calls: Record<string, () => unknown> = {
    __init__: () => {},
    info: () => sg.info(),
    find: () => sg.find(entity_type!, filters!, fields, options),
    find_one: () => sg.findOne(entity_type!, filters!, fields, options),
    create: () => sg.create(entity_type!, data!, given.return_fields),
    update: () => sg.update(entity_type!, entity_id!, data!, options),
    delete: () => sg.delete(entity_type!, entity_id!),
    revive: () => sg.revive(entity_type!, entity_id!),
    batch: () => sg.batch(given.requests!),
    summarize: () => sg.summarize(entity_type!, filters!, given.summary_fields!, options),
    schema_read: () => sg.schemaRead(inProject),
    schema_entity_read: () => sg.schemaEntityRead(inProject),
    schema_field_read: () => sg.schemaFieldRead(entity_type!, given.field_name, inProject),
  };
  return calls[method] ?? null;
}

const POSITIONS: Record<string, string[]> = {
  find: ["entity_type", "filters", "fields"],
  find_one: ["entity_type", "filters", "fields"],
  create: ["entity_type", "data", "return_fields"],
  update: ["entity_type", "entity_id", "data"],
  delete: ["entity_type", "entity_id"],
  revive: ["entity_type", "entity_id"],
  batch: ["requests"],
  summarize: ["entity_type", "filters", "summary_fields"],
  schema_read: ["project"],
  schema_entity_read: ["project"],
  schema_field_read: ["entity_type", "field_name", "project"],
};

function positional(method: string, args: unknown[]): Record<string, unknown> {
  return Object.fromEntries(args.map((value, index) => [POSITIONS[method]?.[index] ?? `#${index}`, value]));
}

function camel(options: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([key, value]) => [key.replace(/_(\w)/g, (_, c) => c.toUpperCase()), value]),
  );
}
