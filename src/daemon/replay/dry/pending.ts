/** What the writes that were caught at one event would have made of the site: for the reads and writes that follow at the same event. */
import { isObject } from "./caught.ts";

interface Entity {
  type: string;
  id: number;
  /** It does not exist on the site. */
  isNew: boolean;
  gone: boolean;
  fields: Map<string, unknown>;
}

export class Pending {
  readonly #entities = new Map<string, Entity>();
  #lastPlaceholder = 0;

  get isEmpty(): boolean {
    return this.#entities.size === 0;
  }

  /** Another event begins with the site as it is. */
  clear(): void {
    this.#entities.clear();
  }

  /** An id that no entity has. Not given twice. */
  placeholder(): number {
    this.#lastPlaceholder -= 1;
    return this.#lastPlaceholder;
  }

  create(type: string, fields: Record<string, unknown>): number {
    const id = this.placeholder();
    this.#of(type, id, true).fields = new Map(Object.entries(fields));
    return id;
  }

  set(type: string, id: number, field: string, value: unknown): void {
    this.#of(type, id).fields.set(field, value);
  }

  setGone(type: string, id: number, gone: boolean): void {
    this.#of(type, id).gone = gone;
  }

  /** What is known of an entity; null when it was not written to. */
  get(type: string, id: number): Entity | null {
    return this.#entities.get(key(type, id)) ?? null;
  }

  /** The rows of a query for entities by their id, where all of them are placeholders; null for any other query. */
  rows(payload: unknown): Record<string, unknown>[] | null {
    if (!isObject(payload)) return null;
    const ids = idsAskedFor(payload.filters);
    if (ids === null || ids.length === 0 || ids.some((id) => id >= 0)) return null;
    const fields = Array.isArray(payload.return_fields) ? payload.return_fields.map(String) : [];
    return ids.flatMap((id) => {
      const entity = this.get(String(payload.type), id);
      if (!entity || entity.gone) return [];
      const values = fields.map((field) => [field, entity.fields.get(field) ?? null]);
      return [{ ...Object.fromEntries(values), type: entity.type, id }];
    });
  }

  /** The rows of a reply as they would be. */
  over(rows: readonly unknown[]): unknown[] {
    return rows.flatMap((row) => {
      if (!isObject(row)) return [row];
      const entity = this.get(String(row.type), Number(row.id));
      if (!entity) return [row];
      if (entity.gone) return [];
      const written = Object.keys(row).filter((field) => entity.fields.has(field));
      return [{ ...row, ...Object.fromEntries(written.map((field) => [field, entity.fields.get(field)])) }];
    });
  }

  #of(type: string, id: number, isNew = false): Entity {
    const known = this.get(type, id);
    if (known) return known;
    const fresh: Entity = { type, id, isNew, gone: false, fields: new Map() };
    this.#entities.set(key(type, id), fresh);
    return fresh;
  }
}

function key(type: string, id: number): string {
  return `${type}:${id}`;
}

/** Of a query that asks for ids alone; null of any other. */
function idsAskedFor(filters: unknown): number[] | null {
  if (!isObject(filters) || !Array.isArray(filters.conditions)) return null;
  const of = filters.conditions.filter((each) => isObject(each) && each.path === "id");
  const [condition] = of;
  if (of.length !== 1 || !isObject(condition) || !Array.isArray(condition.values)) return null;
  if (condition.relation !== "is" && condition.relation !== "in") return null;
  const ids = condition.values.flat();
  return ids.every((id) => typeof id === "number") ? ids : null;
}
