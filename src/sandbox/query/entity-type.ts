import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import type { EntityType } from "../schema/schema.ts";

/** The entity type that a payload names. */
export function entityTypeIn(call: Call, payload: Record<string, unknown>): EntityType {
  const type = call.core.schema.find(payload.type);
  if (type) return type;
  const valid = call.core.schema.typeNames.sort().join(", ");
  throw malformed(
    `API ${call.method}() invalid/missing string entity 'type': ${JSON.stringify(payload.type ?? null)}\nValid entity types: [${valid}]`,
  );
}
