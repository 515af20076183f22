/** Checks of what callers hand in: plugins run with their types stripped, so nothing is known for sure. */

/** Says what is wrong with an argument, and where: `data.meta.owner is undefined`. Becomes an ArgumentError. */
export class BadArgument extends Error {
  override name = "BadArgument";
}

/** @throws BadArgument */
export function requireType(type: unknown): void {
  if (typeof type !== "string" || type === "") {
    throw new BadArgument(`the entity type must be a text such as "Shot", got ${show(type)}`);
  }
}

/** @throws BadArgument */
export function requireId(id: unknown, path = "the id"): void {
  if (!Number.isSafeInteger(id)) throw new BadArgument(`${path} must be a whole number, got ${show(id)}`);
}

/** @throws BadArgument */
export function requireText(value: unknown, what: string): void {
  if (typeof value !== "string" || value === "") {
    throw new BadArgument(`${what} must be a text that is not empty, got ${show(value)}`);
  }
}

/** @throws BadArgument */
export function requireNames(names: unknown, what: string): void {
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new BadArgument(`${what} must be a list of field names, got ${show(names)}`);
  }
}

/** @throws BadArgument */
export function requireCount(value: unknown, what: string): void {
  if (!Number.isSafeInteger(value) || Number(value) < 0) {
    throw new BadArgument(`${what} must be a whole number of 0 or more, got ${show(value)}`);
  }
}

/**
 * Misspelt names are refused: without its `retiredOnly` or `multiEntityUpdateModes` a call would do something else.
 * @param what `option of find`, for messages
 * @throws BadArgument when `given` is no object, or has a key of another name
 */
export function requireKnown(given: unknown, known: readonly string[], what: string): void {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new BadArgument(`each ${what} must be named, like { ${known[0]}: … }, got ${show(given)}`);
  }
  const strange = Object.keys(given).find((key) => !known.includes(key));
  if (strange !== undefined) throw new BadArgument(`${show(strange)} is no ${what}: ${known.join(", ")}`);
}

/** @throws BadArgument for anything but an `AbortSignal`, whatever realm it comes from */
export function requireSignal(signal: unknown): void {
  if (signal === undefined) return;
  const { aborted, addEventListener } = (signal ?? {}) as Partial<AbortSignal>;
  if (typeof aborted === "boolean" && typeof addEventListener === "function") return;
  throw new BadArgument(
    `signal must be an AbortSignal, such as the signal of a controller, got ${show(signal)}`,
  );
}

/** A value for a message: JSON, cut after 100 characters. */
export function show(value: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch {
    // A cycle or a bigint; String() copes with both.
  }
  text ??= String(value);
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}
