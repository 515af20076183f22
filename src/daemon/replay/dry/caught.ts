/** What a dry run catches: one write, held against what the site has at that moment. */

export interface CaughtWrite {
  /** ISO 8601 UTC. */
  at: string;
  /** Key of the callback; null: not from within one. */
  callback: string | null;
  /** As the site calls it: `create`, `update`, `delete`, `revive`, `upload`, `follow`, … */
  method: string;
  /** Its place in a batch; null: it was none. */
  batch: number | null;
  entity: { type: string; id: number | null; name: string | null } | null;
  /** Of a create or update what would be written; of a delete what would go. */
  fields: FieldChange[];
  /** Of any other method: what was given. */
  given: Record<string, unknown> | null;
  /** What a person should know, such as that the entity is not on the site. */
  note: string | null;
}

export interface FieldChange {
  field: string;
  /** The site's present value. Left out where there is none, as of a new entity, or where it could not be read. */
  before?: unknown;
  /** The value there would be. Left out where the entity goes. */
  after?: unknown;
  /** How a list is changed, when that is not by setting it. */
  mode: "add" | "remove" | null;
  /** False: it is so already. */
  changed: boolean;
}

/** Whether two values are the same to the site: of links type and id count, of lists of links not the order. */
export function isSameValue(a: unknown, b: unknown): boolean {
  return text(a) === text(b);
}

function text(value: unknown): string {
  if (Array.isArray(value)) {
    const texts = value.map(text);
    return `[${(value.every(isLink) ? texts.sort() : texts).join()}]`;
  }
  if (isLink(value)) return `${value.type}:${value.id}`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).sort(([x], [y]) => (x < y ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${text(item)}`).join()}}`;
  }
  return typeof value === "string" ? JSON.stringify(value.replaceAll("&lt;", "<")) : String(value);
}

export function isLink(value: unknown): value is { type: string; id: number } {
  return isObject(value) && typeof value.type === "string" && typeof value.id === "number";
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
