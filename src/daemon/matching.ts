/**
 * Which callbacks of a plugin an event concerns. The rules are the Python daemon's (migration notes, "matching"), with
 * one change on purpose for TypeScript: the key `*` beside other keys adds to them instead of hiding them.
 */
import type { CallbackInfo } from "./host.ts";

type Wanted = CallbackInfo["matchEvents"];

/** Answers whether `matchEvents` wants an event of this type and field. */
export function wants(
  matchEvents: Wanted,
  eventType: string,
  attributeName: string | null,
  language: "typescript" | "python",
): boolean {
  if (!matchEvents || Object.keys(matchEvents).length === 0) return true;
  // a Python plugin that was written beside a `*` never saw what its other keys ask for
  const isHidden = language === "python" && Object.hasOwn(matchEvents, "*");
  return (isHidden ? ["*"] : ["*", eventType]).some(
    (key) => Object.hasOwn(matchEvents, key) && wantsField(matchEvents[key]!, attributeName, language),
  );
}

function wantsField(
  fields: readonly string[] | string | null,
  attributeName: string | null,
  language: "typescript" | "python",
): boolean {
  if (fields === null || fields.includes("*")) return true;
  if (attributeName === null) return false;
  if (typeof fields === "string" && language === "typescript") return fields === attributeName;
  // a Python plugin's string keeps `in`: any part of it matches
  return fields.includes(attributeName);
}

/** Remembers, for each (event type, field) met, the indexes of the callbacks that want it; there are few such pairs. */
export class Matcher {
  readonly #callbacks: readonly CallbackInfo[];
  readonly #language: "typescript" | "python";
  readonly #known = new Map<string, Map<string | null, readonly number[]>>();

  constructor(callbacks: readonly CallbackInfo[], language: "typescript" | "python") {
    this.#callbacks = callbacks;
    this.#language = language;
  }

  /** Ascending indexes; the same array for the same pair. */
  match(eventType: string, attributeName: string | null): readonly number[] {
    let fields = this.#known.get(eventType);
    if (!fields) {
      fields = new Map();
      this.#known.set(eventType, fields);
    }
    let found = fields.get(attributeName);
    if (!found) {
      found = this.#callbacks
        .filter(({ matchEvents }) => wants(matchEvents, eventType, attributeName, this.#language))
        .map(({ index }) => index);
      fields.set(attributeName, found);
    }
    return found;
  }
}
