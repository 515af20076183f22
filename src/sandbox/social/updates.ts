/**
 * The updates that activity streams are made of. Each is one event that people care to see, under an id of its own:
 * `site_update` keeps which one (protocol notes 9.7).
 */
import type { Call } from "../core.ts";
import { quote, type Ref } from "../store/columns.ts";

export type UpdateKind = "create" | "update" | "delete" | "create_reply";

/** Notes an update for an event just written. */
export function noteUpdate(
  call: Call,
  eventId: number,
  kind: UpdateKind,
  row: Ref,
  project: Ref | null,
): void {
  const about = kind === "create" && row.type === "Reply" ? repliedTo(call, row) : null;
  const { type, id } = about ?? row;
  call.core.db.run(
    "INSERT INTO site_update (event_id, kind, type, entity_id, project_id) VALUES (?, ?, ?, ?, ?)",
    [
      eventId,
      about ? "create_reply" : kind,
      type,
      id,
      about ? projectOf(call, about) : (project?.id ?? null),
    ],
  );
}

/** The note that a reply stands under. */
function repliedTo({ core }: Call, reply: Ref): Ref | null {
  return (core.rows.find(reply.type, reply.id)?.values.entity as Ref | null | undefined) ?? null;
}

function projectOf({ core }: Call, { type, id }: Ref): number | null {
  if (core.schema.field(type, "project")?.dataType !== "entity") return null;
  return core.db.get(`SELECT "project.id" FROM ${quote(type)} WHERE id = ?`, [id])?.[0] as number | null;
}
