/** The wire method `note_thread_contents`: a note with its replies and attachments (protocol notes 9.7). */
import type { Call } from "../core.ts";
import { metaTime } from "../dates.ts";
import { malformed } from "../fault.ts";
import type { Ref } from "../store/columns.ts";
import { missingRow } from "../write/crud.ts";
import { fieldsByTypeIn } from "./payload.ts";
import { fieldsOf, shown } from "./people.ts";

type Item = Record<string, unknown>;

/** The note first, then replies and attachments in the order of their creation. */
export function noteThreadContents(call: Call, payload: Record<string, unknown>): Item[] {
  const { note_id: id } = payload;
  if (!Number.isSafeInteger(id))
    throw malformed(`API ${call.method}() invalid/missing integer 'note_id': ${JSON.stringify(payload)}`);
  const note = { type: "Note", id: id as number };
  if (!call.core.names.live(note.type, note.id)) throw missingRow(call, note.type, note.id);
  const fields = fieldsByTypeIn(call, payload);
  const items = ["replies", "attachments"].flatMap((name) => linked(call, note, name));
  const told = items.map((ref) => item(call, ref, fields));
  told.sort((one, other) => String(one.created_at).localeCompare(String(other.created_at)));
  return [item(call, note, fields), ...told];
}

function linked({ core }: Call, note: Ref, name: string): Ref[] {
  const field = core.schema.field("Note", name);
  return field ? core.links.of(field, note.id) : [];
}

function item(call: Call, ref: Ref, fields: Record<string, string[]>): Item {
  const basic = fieldsOf(call, ref, ["content", "created_at", "created_by", "user"]);
  const told: Item = { type: ref.type, id: ref.id, created_at: timeIn(basic.created_at) };
  if (ref.type !== "Attachment") told.content = basic.content ?? null;
  if (ref.type === "Reply") told.user = person(call, basic.user, true);
  else told.created_by = person(call, basic.created_by, false);
  return { ...fieldsOf(call, ref, fields[ref.type] ?? []), ...told };
}

function timeIn(value: unknown): string | null {
  return typeof value === "string" ? metaTime(value) : null;
}

function person(call: Call, value: unknown, withImage: boolean): Item | null {
  if (!value) return null;
  const { type, id } = value as Ref;
  const image = withImage ? { image: fieldsOf(call, { type, id }, ["image"]).image ?? null } : {};
  return { ...shown(call, { type, id }), valid: "valid", ...image };
}
