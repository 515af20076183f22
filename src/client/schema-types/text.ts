/** Names and texts of a site as TypeScript writes them. */

export const quoted = {
  /** A string literal. */
  text(value: string): string {
    // Legal in JSON, but line ends to some tools.
    return JSON.stringify(value).replace(
      /[\u2028\u2029]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16)}`,
    );
  },
  /** A property name: bare where it can be. */
  key(name: string): string {
    return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted.text(name);
  },
  /** One line inside a comment. */
  comment(text: string): string {
    return text.replace(/\s+/g, " ").replaceAll("*/", "*\\/").trim();
  },
};

/** A union of string literals, sorted, each once. */
export function union(values: readonly string[]): string {
  return [...new Set(values)].sort().map(quoted.text).join(" | ");
}
