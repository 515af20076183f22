/** Who follows what: `follow`, `unfollow`, `followers`, `following` (protocol notes 3). */
import type { Call } from "../core.ts";
import { malformed } from "../fault.ts";
import { quote, type Ref } from "../store/columns.ts";
import type { NamedRef } from "../store/names.ts";
import { linkIn, linkOrNullIn } from "./payload.ts";
import { type Shown, shown } from "./people.ts";

type Payload = Record<string, unknown>;

/** Following twice is no fault. */
export function follow(call: Call, payload: Payload): object {
  const { user, entity } = pairIn(call, payload);
  call.core.db.run("INSERT OR IGNORE INTO site_follow (user_id, type, id) VALUES (?, ?, ?)", [
    user.id,
    entity.type,
    entity.id,
  ]);
  return { followed: true, user, entity };
}

/** Nor is leaving what was not followed. */
export function unfollow(call: Call, payload: Payload): object {
  const { user, entity } = pairIn(call, payload);
  call.core.db.run("DELETE FROM site_follow WHERE user_id = ? AND type = ? AND id = ?", [
    user.id,
    entity.type,
    entity.id,
  ]);
  return { unfollowed: true, user, entity };
}

/** People in the order of their ids; retired ones are left out. */
export function followers(call: Call, payload: Payload): (Shown & { valid: "valid" })[] {
  const { type, id } = linkIn(call, payload, "entity");
  const rows = call.core.db.all(
    `SELECT f.user_id FROM site_follow f JOIN site_name n ON n.type = 'HumanUser' AND n.id = f.user_id AND n.live = 1
     WHERE f.type = ? AND f.id = ? ORDER BY f.user_id`,
    [type, id],
  );
  return rows.map(([user]) => ({
    ...shown(call, { type: "HumanUser", id: user as number }),
    valid: "valid",
  }));
}

/** Ordered by type and id; retired rows are left out. */
export function following(call: Call, payload: Payload): NamedRef[] {
  const user = linkIn(call, payload, "user", "HumanUser");
  const project = linkOrNullIn(call, payload, "project", "Project");
  const type = payload.entity_type ?? null;
  if (type !== null && !call.core.schema.find(type))
    throw malformed(`API ${call.method}() invalid 'entity_type': ${JSON.stringify(type)}`);
  const rows = call.core.db.all(
    "SELECT type, id FROM site_follow WHERE user_id = ? AND type = coalesce(?, type) ORDER BY type, id",
    [user.id, type as string | null],
  );
  return rows
    .map(([type, id]) => call.core.names.live(type as string, id as number))
    .filter((ref) => ref !== null)
    .filter((ref) => !project || projectOf(call, ref) === project.id);
}

function pairIn(call: Call, payload: Payload): { user: Ref; entity: Ref } {
  return { user: linkIn(call, payload, "user", "HumanUser"), entity: linkIn(call, payload, "entity") };
}

function projectOf({ core }: Call, { type, id }: Ref): number | null {
  if (type === "Project") return id;
  if (core.schema.field(type, "project")?.dataType !== "entity") return null;
  return core.db.get(`SELECT "project.id" FROM ${quote(type)} WHERE id = ?`, [id])?.[0] as number | null;
}
