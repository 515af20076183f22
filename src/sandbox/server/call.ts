/** From the bytes of a request body to a method call, or to the sentence that refuses it. */

/** Largest body that is understood, in bytes. No published limit is known; this one keeps memory bounded. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Deepest nesting that is understood. */
export const MAX_DEPTH = 200;

export type Call = { method: string; params: unknown[] } | { refused: string };

/**
 * @param body the whole body, or null when it was larger than {@link MAX_BODY_BYTES}
 * @param encoding the request's `content-encoding`; bodies are taken as they are
 */
export function parseCall(body: Buffer | null, encoding = "identity"): Call {
  if (!body) return { refused: `The request body is larger than ${MAX_BODY_BYTES} bytes.` };
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8").replace(/^\uFEFF/, ""));
  } catch {
    const packed = encoding === "identity" ? "" : ` Send it without the content-encoding '${encoding}'.`;
    return { refused: `The request body is not valid JSON.${packed}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return { refused: "The request body must be a JSON object with 'method_name' and 'params'." };
  if (tooDeep(value)) return { refused: `The request body is nested deeper than ${MAX_DEPTH} levels.` };
  const { method_name: method, params = [] } = value as { method_name?: unknown; params?: unknown };
  if (typeof method !== "string") return { refused: "invalid/missing string 'method_name'" };
  if (!Array.isArray(params)) return { refused: "invalid/missing array 'params'" };
  return { method, params };
}

/** A loop, not a recursion: the text is the caller's, and so is its depth. */
function tooDeep(root: object): boolean {
  let level: object[] = [root];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth >= MAX_DEPTH) return true;
    const next: object[] = [];
    for (const holder of level)
      for (const value of Object.values(holder))
        if (typeof value === "object" && value !== null) next.push(value);
    level = next;
  }
  return false;
}

/** The body of a reply that refuses a request; HTTP status 200, as a site does (protocol notes 1.3). */
export function faultBody(message: string, code = 103): string {
  return JSON.stringify({ exception: true, message, error_code: code });
}
