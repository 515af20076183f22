/** Takes secrets out of what is about to be shown: log lines, messages, spans. */

const MASK = "***";
const DEEPEST = 6;

/** Returns a copy of a value in which no text holds one of the secrets. Empty secrets are passed over. */
export function redactor(secrets: readonly string[]): <T>(value: T) => T {
  // Longest first: a secret that holds another one must go as a whole.
  const wanted = [...new Set(secrets.flatMap(formsOf))].sort((a, b) => b.length - a.length);
  const cleanText = (text: string) => wanted.reduce((clean, secret) => clean.replaceAll(secret, MASK), text);

  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return cleanText(value);
    if (value instanceof Error) return cleanText(value.message);
    if (typeof value !== "object" || value === null) return value;
    if (depth >= DEEPEST) return "…";
    if (Array.isArray(value)) return value.map((item) => clean(item, depth + 1));
    if (value instanceof Date) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [cleanText(key), clean(item, depth + 1)]),
    );
  };
  return <T>(value: T) => clean(value, 0) as T;
}

/** As it is, and as JSON and URLs write it. */
function formsOf(secret: string): string[] {
  if (secret === "") return [];
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())];
}
