/** Records and links as the client takes and gives them. */

/** What names one entity in an argument. Further keys of a record may stay; most are not sent (protocol notes 5.4). */
export interface EntityRef {
  type: string;
  id: number;
  [field: string]: unknown;
}

/**
 * One record as the site returned it: `type`, `id` and the fields that were asked for. Fields are `unknown` unless
 * their types are given; those are trusted, not checked.
 * @example
 * ```ts
 * const task = await sg.findOne<{ sg_status_list: string }>("Task", [["id", "is", 7]], ["sg_status_list"]);
 * task?.sg_status_list.toUpperCase();
 * ```
 */
export type EntityRecord<Fields = unknown> = { type: string; id: number; [field: string]: unknown } & Fields;

/** Field values for `create`, `update` and `batch`. `null` clears a field; `undefined` is refused. */
export type EntityData = Record<string, unknown>;

/** How a multi-entity field takes its new value: replace the list (default), or add to it, or remove from it. */
export type MultiEntityUpdateModes = Record<string, "set" | "add" | "remove">;

/** Keys of an entity that are sent; the site needs no other to know which one is meant (protocol notes 5.4). */
const SENT_KEYS = ["type", "id", "url", "name", "content_type", "local_path", "storage", "relative_path"];

/** The entity with only the keys that are sent; anything else, and a link without type or id, as it is. */
export function slimEntity(value: unknown): unknown {
  if (!isEntity(value)) return value;
  const slim: Record<string, unknown> = {};
  for (const key of SENT_KEYS) {
    if (key in value) slim[key] = value[key];
  }
  return slim;
}

/** True for an object with both `type` and `id`, whatever their values. */
function isEntity(value: unknown): value is Record<string, unknown> {
  return isObject(value) && "type" in value && "id" in value;
}

/** True for an object that is neither null nor an array. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
