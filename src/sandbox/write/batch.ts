/** The wire method `batch`: all or nothing (protocol notes 3.1). */
import { type Call, JsonText } from "../core.ts";
import { asText, malformed, refused, SiteFault } from "../fault.ts";
import { create } from "./create.ts";
import { retire } from "./retire.ts";
import { update } from "./update.ts";

type Method = (call: Call, payload: Record<string, unknown>) => unknown;

const METHODS: Record<string, Method> = { create, update, delete: retire };

export function batch(call: Call, payload: unknown): JsonText {
  if (!Array.isArray(payload))
    throw malformed(`API batch() expected an array of requests but got: ${JSON.stringify(payload ?? null)}`);
  const results = payload.map((request, index) => {
    try {
      const result = one(call, request);
      return result instanceof JsonText ? result.text : JSON.stringify(result);
    } catch (error) {
      if (!(error instanceof SiteFault)) throw error;
      throw refused(
        `API batch() request with index ${index} failed.  All requests rolled back.\n${error.message}`,
      );
    }
  });
  return new JsonText(`[${results.join(",")}]`);
}

function one(call: Call, request: unknown): unknown {
  const given = (request ?? {}) as Record<string, unknown>;
  const type = asText(given.request_type);
  const method = Object.hasOwn(METHODS, type) ? METHODS[type] : undefined;
  if (!method)
    throw malformed(
      `API batch() invalid/missing 'request_type' (expected create, update or delete): ${JSON.stringify(request ?? null)}`,
    );
  return method({ ...call, method: type }, given);
}
