/** Who is calling: the first element of `params` (protocol notes 2.1 and 2.2). */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Caller, Core } from "./core.ts";
import { SiteFault } from "./fault.ts";
import type { Database } from "./store/database.ts";

/** Scripts are found by this field of ApiUser. */
const SCRIPT_NAME = "firstname";

export function authenticate(core: Core, auth: unknown): Caller {
  if (typeof auth !== "object" || auth === null || Array.isArray(auth)) throw missing();
  const given = auth as Record<string, unknown>;
  const sessionUuid = typeof given.session_uuid === "string" ? given.session_uuid : null;
  const caller = { ...identify(core, given), sessionUuid };
  return typeof given.sudo_as_login === "string" ? impersonate(core, caller, given.sudo_as_login) : caller;
}

function identify(core: Core, given: Record<string, unknown>): Caller {
  if (typeof given.script_name === "string" && typeof given.script_key === "string")
    return script(core, given.script_name, given.script_key);
  if (typeof given.user_login === "string" && typeof given.user_password === "string")
    return person(core, given.user_login, given.user_password);
  if (typeof given.session_token === "string")
    throw denied(`Can't authenticate session token ending with '${given.session_token.slice(-4)}'`);
  throw missing();
}

/** An unknown name and a wrong key are told apart nowhere. */
function script(core: Core, name: string, key: string): Caller {
  const found = core.db.get(
    `SELECT id, generate_event_log_entries FROM "ApiUser" WHERE ${SCRIPT_NAME} = ? AND "row.live" = 1`,
    [name],
  );
  if (!found || !knowsSecret(core.db, "ApiUser", Number(found[0]), key))
    throw denied(`Can't authenticate script '${name}'`);
  return callerOf(core, "ApiUser", Number(found[0]), found[1] === 1);
}

function person(core: Core, login: string, password: string): Caller {
  const found = core.db.get(
    `SELECT id FROM "HumanUser" WHERE fold(login) = ? AND "row.live" = 1 AND sg_status_list = 'act'`,
    [login.toLowerCase()],
  );
  if (!found || !knowsSecret(core.db, "HumanUser", Number(found[0]), password))
    throw denied(`Can't authenticate user '${login}'.`);
  return callerOf(core, "HumanUser", Number(found[0]), true);
}

function callerOf(core: Core, type: string, id: number, writesEvents: boolean): Caller {
  const user = { type, id, name: core.names.nameOf(type, id) };
  return { user, actualUser: null, sessionUuid: null, writesEvents };
}

/** A script acts as a person; such writes always leave events (protocol notes 9.4). */
function impersonate(core: Core, caller: Caller, login: string): Caller {
  if (caller.user.type !== "ApiUser")
    throw denied(`The user does not have permission to 'sudo': '${caller.user.name}'`);
  const found = core.db.get(
    `SELECT id, sg_status_list, can_impersonate_this_user FROM "HumanUser" WHERE fold(login) = ? AND "row.live" = 1`,
    [login.toLowerCase()],
  );
  if (!found) throw denied(`Cannot 'sudo' - unknown or retired user: '${login}'`);
  if (found[1] !== "act") throw denied("Cannot 'sudo' - inactive user account");
  if (found[2] === 0) throw denied("Cannot 'sudo' - user account has 'can_impersonate_this_user' turned off");
  const { type, id } = caller.user;
  return {
    ...callerOf(core, "HumanUser", Number(found[0]), true),
    actualUser: { type, id },
    sessionUuid: caller.sessionUuid,
  };
}

/** Keeps a script's key or a person's password as a salted hash. */
export function setSecret(db: Database, type: string, id: number, secret: string): void {
  const salt = randomBytes(12).toString("base64url");
  db.run("INSERT OR REPLACE INTO site_secret (type, id, salt, hash) VALUES (?, ?, ?, ?)", [
    type,
    id,
    salt,
    digest(salt, secret).toString("base64url"),
  ]);
}

function knowsSecret(db: Database, type: string, id: number, secret: string): boolean {
  const found = db.get("SELECT salt, hash FROM site_secret WHERE type = ? AND id = ?", [type, id]);
  if (!found) return false;
  const [salt, hash] = found as [string, string];
  return timingSafeEqual(digest(salt, secret), Buffer.from(hash, "base64url"));
}

function digest(salt: string, secret: string): Buffer {
  return createHash("sha256").update(salt).update(secret).digest();
}

function missing(): SiteFault {
  return denied("Missing or invalid authentication arguments");
}

function denied(message: string): SiteFault {
  return new SiteFault(102, message);
}
