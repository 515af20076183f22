import { isDeepStrictEqual } from "node:util";

/** True when `outer` contains `inner` as PostgreSQL's `@>` has it: objects by key, arrays by member. */
export function jsonHolds(outer: unknown, inner: unknown): boolean {
  if (Array.isArray(outer) && Array.isArray(inner))
    return inner.every((wanted) => outer.some((item) => jsonHolds(item, wanted)));
  if (isObject(outer) && isObject(inner))
    return Object.entries(inner).every(
      ([key, wanted]) => Object.hasOwn(outer, key) && jsonHolds(outer[key], wanted),
    );
  return isDeepStrictEqual(outer, inner);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
