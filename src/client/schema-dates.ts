/** Dates by the site's schema: texts of `date_time` fields become `Date`s, and no others (protocol notes 6.2). */
import { AskOnce } from "./abort.ts";
import { type EntityRecord, isObject } from "./entity.ts";
import type { FieldsSchema } from "./schema.ts";
import { dateOf } from "./values.ts";

/** Names of an entity type's `date_time` fields. */
type DateFields = ReadonlySet<string>;

export class SchemaDates {
  readonly #readFields: (type: string, signal: AbortSignal) => Promise<FieldsSchema>;
  readonly #byType = new Map<string, AskOnce<DateFields>>();

  /** @param readFields is asked once for each entity type, when the first text comes that may be a date */
  constructor(readFields: (type: string, signal: AbortSignal) => Promise<FieldsSchema>) {
    this.#readFields = readFields;
  }

  /**
   * Converts what is in the records of a reply, in place.
   * @param wireMethod the site's, which tells where in its results they are
   * @param failure makes what is thrown when the signal fires first
   */
  async convert(
    wireMethod: string,
    results: unknown,
    signal: AbortSignal | undefined,
    failure: () => Error,
  ): Promise<void> {
    for (const record of recordsIn(wireMethod, results)) {
      for (const [name, value] of Object.entries(record)) {
        const date = typeof value === "string" ? dateOf(value) : null;
        if (date === null) continue;
        const { type, field } = fieldOf(record.type, name);
        const dates = await this.#dateFields(type).get(signal, failure);
        if (dates.has(field)) record[name] = date;
      }
    }
  }

  #dateFields(type: string): AskOnce<DateFields> {
    const known = this.#byType.get(type) ?? new AskOnce((signal) => this.#ask(type, signal));
    this.#byType.set(type, known);
    return known;
  }

  async #ask(type: string, signal: AbortSignal): Promise<DateFields> {
    const fields = Object.entries(await this.#readFields(type, signal));
    return new Set(
      fields.filter(([, { data_type }]) => data_type?.value === "date_time").map(([name]) => name),
    );
  }
}

function recordsIn(wireMethod: string, results: unknown): EntityRecord[] {
  if (wireMethod === "read") return isObject(results) ? records(results.entities) : [];
  const isWrite = wireMethod === "create" || wireMethod === "update" || wireMethod === "batch";
  return isWrite ? records(Array.isArray(results) ? results : [results]) : [];
}

function records(list: unknown): EntityRecord[] {
  if (!Array.isArray(list)) return [];
  return list.filter((item): item is EntityRecord => isObject(item) && typeof item.type === "string");
}

/** The field at the end of a path such as `sg_sequence.Sequence.created_at`. */
function fieldOf(type: string, path: string): { type: string; field: string } {
  const steps = path.split(".");
  return { type: steps.at(-2) ?? type, field: steps.at(-1)! };
}
