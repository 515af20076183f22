/** What a new row gets without being asked for (protocol notes 5.1). */
import type { Call } from "../core.ts";
import type { EntityType } from "../schema/schema.ts";
import type { Values } from "../store/rows.ts";

/** Fields that a site fills with the caller. */
const CALLER_FIELDS: Record<string, string[]> = { Version: ["user"], Note: ["user"], Reply: ["user"] };

export function withDefaults(call: Call, type: EntityType, id: number, given: Values): Values {
  const { user } = call.caller;
  const caller = { type: user.type, id: user.id };
  const values: Values = { ...schemaDefaults(type), ...given };
  for (const name of CALLER_FIELDS[type.name] ?? []) values[name] ??= caller;
  if (type.name === "Task") values.color ??= "pipeline_step";
  const stamps: Values = { created_at: call.at, created_by: caller, updated_at: call.at, updated_by: caller };
  for (const [name, value] of Object.entries(stamps)) if (type.fields.has(name)) values[name] ??= value;
  if (type.fields.get("uuid")) values.uuid = crypto.randomUUID();
  const { identifier } = type;
  if (identifier && type.fields.get(identifier)?.dataType === "text")
    values[identifier] ??= autoName(call, type, id);
  return values;
}

function schemaDefaults(type: EntityType): Values {
  const values: Values = {};
  for (const { name, dataType, raw } of type.fields.values()) {
    if (dataType === "checkbox") values[name] = raw.default_value === true;
    else if (raw.default_value !== null && raw.default_value !== "") values[name] = raw.default_value;
  }
  return values;
}

/** `New Shot 1234` */
function autoName(call: Call, type: EntityType, id: number): string {
  const pattern = call.core.file.auto_names[type.name] ?? `New ${type.label} <id>`;
  return pattern.replace("<id>", String(id));
}
