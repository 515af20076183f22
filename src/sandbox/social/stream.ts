/** The wire method `activity_stream` (protocol notes 9.7). */
import type { Call } from "../core.ts";
import { metaTime } from "../dates.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import type { EntityType } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Cell, Param } from "../store/database.ts";
import { linkedSql } from "../store/links.ts";
import { missingRow } from "../write/crud.ts";
import { idIn } from "../write/update.ts";
import { fieldsByTypeIn, numberIn } from "./payload.ts";
import { fieldsOf, shown } from "./people.ts";
import type { UpdateKind } from "./updates.ts";

/** When the call names no limit. */
const MOST = 500;
/** What an entity's stream shows besides itself. */
const SHOWN_WITH = ["notes", "sg_versions", "sg_published_files", "tasks"];

interface Update {
  id: number;
  update_type: UpdateKind;
  created_at: string;
  read: false;
  meta: unknown;
  primary_entity: Record<string, unknown>;
  created_by: Record<string, unknown> | null;
}

/** Newest first; `min_id` and `max_id` are left out themselves. */
export function activityStream(call: Call, payload: Record<string, unknown>): object {
  const type = entityTypeIn(call, payload);
  const id = idIn(call, payload);
  if (!call.core.names.exists(type.name, id)) throw missingRow(call, type.name, id);
  const [minId, maxId] = ["min_id", "max_id"].map((key) => numberIn(call, payload, key));
  const limit = numberIn(call, payload, "limit", 1) ?? MOST;
  const fields = fieldsByTypeIn(call, payload);
  const where = type.name === "Project" ? inProject(id) : about(call, type, id);
  const rows = call.core.db.all(
    `SELECT u.id, u.kind, u.type, u.entity_id, e.created_at, e.meta, e."user.type", e."user.id"
     FROM site_update u JOIN "EventLogEntry" e ON e.id = u.event_id
     WHERE ${where.text} AND u.id > ? AND u.id < ? ORDER BY u.id DESC LIMIT ?`,
    [...where.params, minId ?? 0, maxId ?? Number.MAX_SAFE_INTEGER, limit],
  );
  const updates = rows.map((row) => updateOf(call, row, fields));
  return {
    entity_type: type.name,
    entity_id: id,
    earliest_update_id: updates.at(-1)?.id ?? null,
    latest_update_id: updates[0]?.id ?? null,
    updates,
  };
}

function inProject(id: number): { text: string; params: Param[] } {
  return { text: "u.project_id = ?", params: [id] };
}

/** The entity itself and what is linked to it, retired rows included. */
function about({ core }: Call, type: EntityType, id: number): { text: string; params: Param[] } {
  const refs: Ref[] = [{ type: type.name, id }];
  for (const name of SHOWN_WITH) {
    const field = type.fields.get(name);
    if (field?.dataType !== "multi_entity") continue;
    for (const [, linkedType, linkedId] of core.db.all(linkedSql(core.sides, field, "= ?"), [id]))
      refs.push({ type: linkedType as string, id: linkedId as number });
  }
  return {
    text: "(u.type, u.entity_id) IN (SELECT value ->> 'type', value ->> 'id' FROM json_each(?))",
    params: [JSON.stringify(refs)],
  };
}

function updateOf(call: Call, row: Cell[], fields: Record<string, string[]>): Update {
  const [id, kind, type, entityId, at, meta, userType, userId] = row;
  const entity = { type: type as string, id: entityId as number };
  const user = userType === null ? null : { type: userType as string, id: userId as number };
  const asked = (ref: Ref) => fieldsOf(call, ref, fields[ref.type] ?? []);
  return {
    id: id as number,
    update_type: kind as UpdateKind,
    created_at: metaTime(at as string),
    read: false,
    meta: JSON.parse(meta as string),
    primary_entity: { ...asked(entity), ...shown(call, entity) },
    created_by: user && { ...asked(user), ...shown(call, user), image: imageOf(call, user) },
  };
}

/** The address of a row's thumbnail, or null. */
function imageOf(call: Call, ref: Ref): unknown {
  return fieldsOf(call, ref, ["image"]).image ?? null;
}
