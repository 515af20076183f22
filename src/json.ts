/** JSON with exact whole numbers: those beyond 2^53 are `bigint` on this side of the wire (protocol notes 13). */

// In the language since 2025, not yet in TypeScript's library.
interface ExactJson {
  rawJSON(text: string): unknown;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
}
const exact = JSON as unknown as ExactJson;

/** A number that is written with a decimal point; see `float`. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }

  toJSON(): unknown {
    return rawNumber(this);
  }
}

/**
 * Marks a number as a float, so that 2 is sent as `2.0`. Float fields may refuse whole numbers without a point.
 * @example
 * ```ts
 * await sg.update("Version", 7, { sg_movie_aspect_ratio: float(2) });
 * ```
 */
export function float(value: number): Float {
  return new Float(value);
}

/** The JSON text of a `Float` or a `bigint`, as a value that `JSON.stringify` writes verbatim. */
export function rawNumber(value: Float | bigint): unknown {
  if (typeof value === "bigint") return exact.rawJSON(value.toString());
  const text = JSON.stringify(value.value);
  return exact.rawJSON(/[.e]/.test(text) ? text : `${text}.0`);
}

/**
 * Like `JSON.stringify`, and writes `bigint`s with all their digits. For keeping what the client returned.
 * @throws TypeError as `JSON.stringify` does, for a cycle
 */
export function stringifyExact(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    // A replacer makes writing several times slower, and hardly anything holds a bigint.
    return JSON.stringify(value, (_key, item) => (typeof item === "bigint" ? rawNumber(item) : item));
  }
}

/**
 * Like `JSON.parse`; a whole number that JavaScript cannot hold exactly becomes a `bigint`.
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseExact(text: string): unknown {
  // A reviver makes parsing several times slower, and hardly any reply has so long a number.
  if (!hasLongNumber(text)) return JSON.parse(text);
  return exact.parse(text, (_key, value, { source }) =>
    typeof value === "number" && !Number.isSafeInteger(value) && source && /^-?\d+$/.test(source)
      ? BigInt(source)
      : value,
  );
}

/** Sixteen digits are the fewest of a whole number that may not be exact. */
const DIGITS = 16;

/**
 * Whether as many digits stand in a row. One of every sixteen characters is looked at, which is one of any such row: a
 * regular expression, which looks at each, takes as long as the parsing.
 */
function hasLongNumber(text: string): boolean {
  for (let at = DIGITS - 1; at < text.length; at += DIGITS) {
    if (!isDigit(text, at)) continue;
    let first = at;
    while (isDigit(text, first - 1)) first -= 1;
    let last = at;
    while (isDigit(text, last + 1)) last += 1;
    if (last - first + 1 >= DIGITS) return true;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 48 && code <= 57;
}
