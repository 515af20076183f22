import type { Call } from "../core.ts";
import { recordJson } from "../query/record.ts";
import type { Ref } from "../store/columns.ts";

/** A row as streams, threads and followers show it. */
export interface Shown extends Ref {
  name: string | null;
  status: string | null;
}

/** With the row's status, null for types that have none. */
export function shown(call: Call, { type, id }: Ref): Shown {
  const { sg_status_list: status = null } = fieldsOf(call, { type, id }, ["sg_status_list"]);
  return { type, id, name: call.core.names.nameOf(type, id), status: status as string | null };
}

/** Values of the fields asked for, as they read; unknown fields are left out, and so are `type` and `id`. */
export function fieldsOf(call: Call, ref: Ref, fields: readonly string[]): Record<string, unknown> {
  const type = call.core.schema.find(ref.type);
  const text = type && recordJson(call.core, type, ref.id, [...fields]);
  if (!text) return {};
  const { type: _type, id: _id, ...values } = JSON.parse(text) as Record<string, unknown>;
  return values;
}
