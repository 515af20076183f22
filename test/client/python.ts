/** Recorded calls of the official Python client, put into our terms. */
import { readFileSync } from "node:fs";

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
  if ("$bytes_b64" in marked) return Buffer.from(String(marked.$bytes_b64), "base64");
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
