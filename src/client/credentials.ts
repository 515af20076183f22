/** Who calls: the kinds of log-in a site knows, and what each sends (protocol notes 2.1). */
import { CallsheetError } from "../errors.ts";

/** A script of the site's Scripts page. */
export interface ScriptCredentials {
  scriptName: string;
  scriptKey: string;
}

/** A person. Sites with Autodesk Identity take the legacy passphrase of an account with a personal access token. */
export interface UserCredentials {
  login: string;
  password: string;
  /**
   * A one-time code of the second factor. The first call exchanges it for a session token, which all calls then use:
   * make that call, for which `connect` is enough, before the code expires.
   */
  authToken?: string | undefined;
}

/** A session that someone else opened; see `getSessionToken`. */
export interface SessionCredentials {
  sessionToken: string;
}

export type Credentials = ScriptCredentials | UserCredentials | SessionCredentials;

/** The log-in of a connection, checked. */
export type Login =
  | { kind: "script"; name: string; key: string }
  | { kind: "user"; login: string; password: string; authToken: string | null }
  | { kind: "session"; token: string };

/** Names of the options that say who calls. */
export const LOGIN_OPTIONS = [
  "scriptName",
  "scriptKey",
  "login",
  "password",
  "authToken",
  "sessionToken",
] as const;

const KINDS: Record<Login["kind"], readonly (typeof LOGIN_OPTIONS)[number][]> = {
  script: ["scriptName", "scriptKey"],
  user: ["login", "password"],
  session: ["sessionToken"],
};

/**
 * @throws CallsheetError SITE_ARGUMENT unless exactly one kind is given, and whole
 */
export function readLogin(options: Partial<Record<(typeof LOGIN_OPTIONS)[number], unknown>>): Login {
  const given = LOGIN_OPTIONS.filter((key) => options?.[key] !== undefined && options[key] !== null);
  for (const key of given) {
    if (typeof options[key] !== "string" || options[key] === "")
      throw refused(`${key} must be a text that is not empty`);
  }
  const has = (key: (typeof LOGIN_OPTIONS)[number]) => given.includes(key);
  const text = (key: (typeof LOGIN_OPTIONS)[number]) => options[key] as string;
  if (has("authToken") && !(has("login") && has("password")))
    throw refused("authToken is given without login and password");
  const kinds = (Object.keys(KINDS) as Login["kind"][]).filter((kind) => KINDS[kind].some(has));
  const [kind] = kinds;
  if (kind === undefined || kinds.length > 1) {
    const found = kinds.map((name) => KINDS[name].join(" and ")).join(", and ");
    throw refused(
      found === "" ? "no credentials are given" : `credentials of several kinds are given: ${found}`,
    );
  }
  const missing = KINDS[kind].find((key) => !has(key));
  if (missing !== undefined) throw refused(`${KINDS[kind].find(has)} is given without ${missing}`);
  if (kind === "script") return { kind, name: text("scriptName"), key: text("scriptKey") };
  if (kind === "session") return { kind, token: text("sessionToken") };
  return {
    kind,
    login: text("login"),
    password: text("password"),
    authToken: has("authToken") ? text("authToken") : null,
  };
}

function refused(why: string): CallsheetError {
  return new CallsheetError("SITE_ARGUMENT", `A connection to a site cannot be made: ${why}.`, {
    hint: "Give scriptName and scriptKey, or login and password, or sessionToken.",
  });
}

/** What nobody may see. */
export function secretsOf(login: Login): string[] {
  if (login.kind === "script") return [login.key];
  if (login.kind === "session") return [login.token];
  return [login.password, login.authToken ?? ""];
}

/** The first element of a call's parameters. */
export function loginParams(login: Login): Record<string, string> {
  switch (login.kind) {
    case "script":
      return { script_name: login.name, script_key: login.key };
    case "user": {
      const params = { user_login: login.login, user_password: login.password };
      return login.authToken === null ? params : { ...params, auth_token: login.authToken };
    }
    case "session":
      return { session_token: login.token };
  }
}
