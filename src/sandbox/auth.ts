/** Who is calling: the first element of `params` (protocol notes 2.1 and 2.2). */
import { logIn } from "./access/log-in.ts";
import { deniedTo, ruleAgainst } from "./access/rules.ts";
import { knowsSecret } from "./access/secrets.ts";
import { findSession, useSession } from "./access/sessions.ts";
import type { Caller, Core } from "./core.ts";
import { SiteFault } from "./fault.ts";
import type { Ref } from "./store/columns.ts";

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
  if (typeof given.user_login === "string" && typeof given.user_password === "string") {
    const person = logIn(core, given.user_login, given.user_password, given.auth_token);
    return callerOf(core, person.type, person.id, true);
  }
  if (typeof given.session_token === "string")
    return session(core, given.session_token, isTrue(given.reject_if_expired));
  throw missing();
}

/** An unknown name and a wrong key are told apart nowhere. */
function script(core: Core, name: string, key: string): Caller {
  const found = core.db.get(`SELECT id FROM "ApiUser" WHERE ${SCRIPT_NAME} = ? AND "row.live" = 1`, [name]);
  if (!found || !knowsSecret(core.db, "ApiUser", Number(found[0]), key))
    throw denied(`Can't authenticate script '${name}'`);
  return scriptCaller(core, Number(found[0]));
}

/** Without `rejectExpired` an expired session comes to life again, as on sites before 5.4.4. */
function session(core: Core, token: string, rejectExpired: boolean): Caller {
  const found = findSession(core, token);
  const gone =
    !found ||
    (found.expired && rejectExpired) ||
    [found.user, found.actualUser].some((user) => isOut(core, user));
  if (gone) throw denied(`Can't authenticate session token ending with '${token.slice(-4)}'`);
  useSession(core, token);
  const { user, actualUser } = found;
  if (user.type === "ApiUser") return scriptCaller(core, user.id);
  return { ...callerOf(core, user.type, user.id, true), actualUser };
}

/** True for a user who is retired or, a person, disabled. */
function isOut(core: Core, user: Ref | null): boolean {
  if (!user) return false;
  const alive = user.type === "HumanUser" ? ` AND sg_status_list = 'act'` : "";
  return !core.db.get(`SELECT 1 FROM "${user.type}" WHERE id = ? AND "row.live" = 1${alive}`, [user.id]);
}

function scriptCaller(core: Core, id: number): Caller {
  const [writesEvents] =
    core.db.get(`SELECT generate_event_log_entries FROM "ApiUser" WHERE id = ?`, [id]) ?? [];
  return callerOf(core, "ApiUser", id, writesEvents === 1);
}

function callerOf(core: Core, type: string, id: number, writesEvents: boolean): Caller {
  const user = { type, id, name: core.names.nameOf(type, id) };
  return { user, actualUser: null, sessionUuid: null, writesEvents, denied: deniedTo(core.db, user) };
}

/** A script acts as a person; such writes always leave events (protocol notes 9.4). */
function impersonate(core: Core, caller: Caller, login: string): Caller {
  if (caller.user.type !== "ApiUser" || ruleAgainst(caller, "sudo"))
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

/** Forms say `True`. */
function isTrue(value: unknown): boolean {
  return value === true || (typeof value === "string" && value.toLowerCase() === "true");
}

function missing(): SiteFault {
  return denied("Missing or invalid authentication arguments");
}

function denied(message: string): SiteFault {
  return new SiteFault(102, message);
}
