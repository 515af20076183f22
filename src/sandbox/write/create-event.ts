import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import type { Ref } from "../store/columns.ts";
import type { Values } from "../store/rows.ts";

/** A row of the event log written by a tool (protocol notes 9.1). It leaves no events of its own. */
export function createEvent(call: Call, values: Values): number {
  if (!values.project) throw malformed("API create() missing 'project' attribute: EventLogEntry");
  const text = (name: string) => (values[name] as string | null | undefined) ?? null;
  const link = (name: string) => (values[name] as Ref | null | undefined) ?? null;
  return call.events.record({
    event_type: text("event_type"),
    attribute_name: text("attribute_name"),
    description: text("description") ?? call.core.file.auto_names.EventLogEntry ?? null,
    meta: values.meta ?? null,
    entity: link("entity"),
    project: link("project"),
    user: link("user"),
    session_uuid: text("session_uuid") ?? call.caller.sessionUuid,
    created_at: text("created_at") ?? call.at,
  });
}
