/** Methods about the site and the caller rather than about rows (protocol notes 3). */
import { type Call, JsonText } from "../core.ts";
import { asText, malformed, refused } from "../fault.ts";
import { recordJson } from "../query/record.ts";
import { existingRow, missingRow } from "../write/crud.ts";
import { LAST_ACCESS, noteAccess } from "./last-access.ts";

type Payload = Record<string, unknown>;

/** All preferences, or those named; unknown names are left out. */
export function preferencesRead({ core }: Call, { prefs }: Payload): Record<string, unknown> {
  const all = core.file.preferences;
  if (!Array.isArray(prefs) || prefs.length === 0) return all;
  return Object.fromEntries(Object.entries(all).filter(([name]) => prefs.includes(name)));
}

/** No page of the sandbox can be exported: it has no layouts. */
export function exportPage(call: Call, { format, page_id }: Payload): never {
  for (const [name, value] of Object.entries({ format, page_id }))
    if (value === undefined || value === null || value === "")
      throw malformed(`API ${call.method}() '${name}' missing`);
  throw refused(`Export for Page id=${asText(page_id)} not available`);
}

/** What each person who may log in is subscribed to. */
export function userSubscriptionsRead({ core }: Call): { humanUserId: number; subscription: string[] }[] {
  const rows = core.db.all(
    `SELECT u.id, s.subscription FROM "HumanUser" u LEFT JOIN site_subscription s ON s.person = u.id
     WHERE u."row.live" = 1 AND u.sg_status_list = 'act' ORDER BY u.id`,
  );
  return rows.map(([id, subscription]) => ({
    humanUserId: Number(id),
    subscription: JSON.parse(String(subscription ?? "[]")),
  }));
}

/** All of the list or nothing; null ends a subscription. */
export function userSubscriptionsCreate(call: Call, { users }: Payload): { status: "success" | "error" } {
  if (!Array.isArray(users)) throw malformed(`API ${call.method}() invalid/missing array 'users'`);
  const given = users.map((user) => (user ?? {}) as Payload);
  if (!given.every((user) => isSubscription(call, user))) return { status: "error" };
  for (const { humanUserId, subscription } of given)
    call.core.db.run("INSERT OR REPLACE INTO site_subscription (person, subscription) VALUES (?, ?)", [
      humanUserId as number,
      JSON.stringify(subscription ?? []),
    ]);
  return { status: "success" };
}

function isSubscription({ core }: Call, { humanUserId: id, subscription = null }: Payload): boolean {
  if (!Number.isInteger(id) || !core.names.live("HumanUser", id as number)) return false;
  return (
    subscription === null ||
    (Array.isArray(subscription) && subscription.every((item) => typeof item === "string"))
  );
}

/** `Project.last_accessed_by_current_user` is now, for the caller or for the person named. */
export function updateProjectLastAccessed(
  call: Call,
  { project_id: id, user_id: person }: Payload,
): JsonText {
  const { core, caller } = call;
  if (!Number.isInteger(id)) throw malformed(`API ${call.method}() invalid/missing integer 'project_id'`);
  if (!existingRow(call, "Project", id as number).live) throw missingRow(call, "Project", id as number);
  if (
    person !== undefined &&
    person !== null &&
    !(Number.isInteger(person) && core.names.live("HumanUser", person as number))
  )
    throw malformed(`API ${call.method}() invalid 'user_id': ${JSON.stringify(person)}`);
  const user = person ? { type: "HumanUser", id: person as number } : caller.user;
  noteAccess(core, id as number, user, call.at);
  const type = core.schema.type("Project");
  return new JsonText(`[${recordJson(core, type, id as number, [LAST_ACCESS])}]`);
}
