import { CallsheetError } from "../errors.ts";
import type { EntityLink, EventMeta, WireEvent } from "../event.ts";

/**
 * A row of the site's event log as the journal keeps it. Only the id must be right, since everything hangs on it; any other
 * field that is missing or of a wrong type becomes null (`event_type`, `created_at`: empty), so that one odd row
 * does not stop the rest. `meta` that comes as a JSON text is taken apart (protocol notes, site facts).
 * @throws CallsheetError SITE_REPLY
 */
export function asWireEvent(row: Record<string, unknown>): WireEvent {
  const { id } = row;
  if (typeof id !== "number" || !Number.isSafeInteger(id) || id < 1) {
    throw new CallsheetError(
      "SITE_REPLY",
      `The site sent an event log entry with the id ${JSON.stringify(id)}.`,
      {
        hint: "Event ids are whole numbers above 0; ask the site's support if this goes on.",
      },
    );
  }
  return {
    type: "EventLogEntry",
    id,
    event_type: word(row.event_type) ?? "",
    attribute_name: word(row.attribute_name),
    meta: metaOf(row.meta),
    entity: linkOf(row.entity),
    user: linkOf(row.user),
    project: linkOf(row.project),
    session_uuid: text(row.session_uuid),
    created_at: text(row.created_at) ?? "",
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** By which events are found: a database keeps neither halves of characters nor, one of them, the character 0. */
function word(value: unknown): string | null {
  return text(value)?.toWellFormed().replaceAll("\0", "\ufffd") ?? null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function metaOf(value: unknown): EventMeta | null {
  if (isObject(value)) return value;
  if (typeof value !== "string") return null;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : null;
  } catch {
    return null;
  }
}

function linkOf(value: unknown): EntityLink | null {
  if (!isObject(value) || typeof value.type !== "string" || typeof value.id !== "number") return null;
  return value as unknown as EntityLink;
}
