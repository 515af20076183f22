/** People who log in with a password (protocol notes 2.1 and 2.2). */
import { type Core, wireTime } from "../core.ts";
import { SiteFault } from "../fault.ts";
import type { Ref } from "../store/columns.ts";
import { knowsSecret, needsCode, takeCode } from "./secrets.ts";

/** So many failures in a row lock an account for so long. No figures are documented. */
const MOST_FAILURES = 5;
const LOCK_MS = 15 * 60 * 1000;

/**
 * The person behind a login and password. An unknown login, a wrong password and a locked account are told
 * apart nowhere.
 * @param code the one-time code of people with two-factor log-in
 * @throws SiteFault 102, 106, 108, 110
 */
export function logIn(core: Core, login: string, password: string, code: unknown): Ref {
  refuseOtherWays(core);
  const denied = () => new SiteFault(102, `Can't authenticate user '${login}'.`);
  const found = core.db.get(
    `SELECT id, locked_until FROM "HumanUser" WHERE fold(login) = ? AND "row.live" = 1 AND sg_status_list = 'act'`,
    [login.toLowerCase()],
  );
  if (!found) throw denied();
  const person = { type: "HumanUser", id: Number(found[0]) };
  if (typeof found[1] === "string" && found[1] > wireTime(core.now())) throw denied();
  if (!knowsSecret(core.db, person.type, person.id, password)) {
    noteFailure(core, person, login);
    throw denied();
  }
  if (needsCode(core.db, person.id)) {
    if (typeof code !== "string" || code === "")
      throw new SiteFault(106, `Missing two factor authentication code for user '${login}'.`);
    if (!takeCode(core.db, person.id, code)) {
      noteFailure(core, person, login);
      throw denied();
    }
  }
  core.db.run("DELETE FROM site_failure WHERE person = ?", [person.id]);
  return person;
}

function refuseOtherWays({ settings }: Core): void {
  if (settings.authentication === "saml2")
    throw new SiteFault(108, "A login and password cannot be used on a site with single sign-on.");
  if (settings.authentication === "oxygen")
    throw new SiteFault(
      110,
      "A login and password cannot be used: the account needs a personal access token.",
    );
}

/** Counts, locks, and leaves an event. */
function noteFailure(core: Core, person: Ref, login: string): void {
  const { db, log } = core;
  db.run(
    "INSERT INTO site_failure (person, count) VALUES (?, 1) ON CONFLICT (person) DO UPDATE SET count = count + 1",
    [person.id],
  );
  const count = Number(db.get("SELECT count FROM site_failure WHERE person = ?", [person.id])?.[0]);
  if (count >= MOST_FAILURES) {
    const until = wireTime(new Date(core.now().getTime() + LOCK_MS));
    core.rows.update(core.schema.type(person.type), person.id, { locked_until: until });
    db.run("DELETE FROM site_failure WHERE person = ?", [person.id]);
  }
  log.insert(log.draw(1), logInEvent(core, person, "FailedLogin", login));
}

/** `Shotgun_User_Login`, `Shotgun_User_FailedLogin` (protocol notes 9.2); their metas are not documented. */
export function logInEvent(core: Core, person: Ref, kind: "Login" | "FailedLogin", login: string | null) {
  return {
    event_type: `Shotgun_User_${kind}`,
    attribute_name: null,
    description: kind === "Login" ? `${login} logged in` : `${login} failed to log in`,
    meta: { login },
    entity: person,
    project: null,
    user: person,
    session_uuid: null,
    created_at: wireTime(core.now()),
  };
}
