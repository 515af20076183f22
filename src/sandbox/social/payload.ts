/** Links and numbers in the payloads of calls, checked. */
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import type { Ref } from "../store/columns.ts";
import { missingRow } from "../write/crud.ts";

type Payload = Record<string, unknown>;

/**
 * The live row that `payload[key]` links to.
 * @param only the one entity type it may be of
 * @throws SiteFault 103 for anything but `{type, id}`, 104 when there is no such row
 */
export function linkIn(call: Call, payload: Payload, key: string, only?: string): Ref {
  const { type, id } = (payload[key] ?? {}) as Payload;
  if (!call.core.schema.find(type) || !Number.isSafeInteger(id))
    throw malformed(
      `API ${call.method}() invalid/missing entity hash '${key}': ${JSON.stringify(payload[key] ?? null)}`,
    );
  const ref = { type: type as string, id: id as number };
  if (only && ref.type !== only)
    throw malformed(`API ${call.method}() ${only}(#..) expected, got ${ref.type}(#${ref.id})`);
  if (!call.core.names.live(ref.type, ref.id)) throw missingRow(call, ref.type, ref.id);
  return ref;
}

/** As `linkIn`, but null or an absent key gives null. */
export function linkOrNullIn(call: Call, payload: Payload, key: string, only?: string): Ref | null {
  return (payload[key] ?? null) === null ? null : linkIn(call, payload, key, only);
}

/** A whole number of `least` or more; null when it is absent. */
export function numberIn(call: Call, payload: Payload, key: string, least = 0): number | null {
  const value = payload[key] ?? null;
  if (value === null || (Number.isSafeInteger(value) && (value as number) >= least))
    return value as number | null;
  throw malformed(`API ${call.method}() invalid integer '${key}': ${JSON.stringify(value)}`);
}

/** Field names by entity type, as in `entity_fields`; an empty object when it is absent. */
export function fieldsByTypeIn(call: Call, payload: Payload): Record<string, string[]> {
  const given = payload.entity_fields ?? {};
  const isObject = typeof given === "object" && !Array.isArray(given);
  if (isObject && Object.values(given).every(Array.isArray)) return given as Record<string, string[]>;
  throw malformed(`API ${call.method}() invalid hash 'entity_fields': ${JSON.stringify(given)}`);
}
