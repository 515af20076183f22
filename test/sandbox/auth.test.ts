import { describe, expect, test } from "vitest";
import { Site } from "../../src/sandbox/site.ts";
import { type Fields, fieldList, SCRIPT, Studio } from "./studio.ts";

const JANE = { user_login: "jane", user_password: "secret of jane" };

function reply(site: Site, method: string, ...params: unknown[]): Fields {
  return JSON.parse(site.callJson(method, params)) as Fields;
}

describe("credentials", () => {
  const studio = new Studio();
  const as = (auth: unknown) => reply(studio.site, "schema_entity_read", auth);

  test("script, and login with password", () => {
    expect(as(SCRIPT)).toHaveProperty("results.Shot");
    expect(as(JANE)).toHaveProperty("results.Shot");
    expect(as({ ...JANE, user_login: "JANE" })).toHaveProperty("results.Shot");
  });

  test.each<[string, unknown, string]>([
    ["an unknown script", { ...SCRIPT, script_name: "nobody" }, "Can't authenticate script 'nobody'"],
    ["a wrong key", { ...SCRIPT, script_key: "wrong" }, "Can't authenticate script 'tester'"],
    ["an unknown person", { ...JANE, user_login: "joe" }, "Can't authenticate user 'joe'."],
    ["a wrong password", { ...JANE, user_password: "wrong" }, "Can't authenticate user 'jane'."],
    [
      "a session token",
      { session_token: "abcdef123456" },
      "Can't authenticate session token ending with '3456'",
    ],
    ["a name without a key", { script_name: "tester" }, "Missing or invalid authentication arguments"],
    ["an empty object", {}, "Missing or invalid authentication arguments"],
    ["nothing", undefined, "Missing or invalid authentication arguments"],
    ["a list", [SCRIPT], "Missing or invalid authentication arguments"],
    [
      "an unknown person to act for",
      { ...SCRIPT, sudo_as_login: "joe" },
      "Cannot 'sudo' - unknown or retired user: 'joe'",
    ],
  ])("%s is refused with code 102", (_name, auth, message) => {
    expect(as(auth)).toEqual({ exception: true, message, error_code: 102 });
  });

  test("a person may not act for another", () => {
    expect(as({ ...JANE, sudo_as_login: "jane" }).message).toMatch(
      /^The user does not have permission to 'sudo':/,
    );
  });

  test("a disabled person may neither log in nor be acted for", () => {
    const own = new Studio();
    const [jane] = own.find("HumanUser", [["login", "is", "jane"]]);
    own.update(jane!, { sg_status_list: "dis" });
    expect(reply(own.site, "schema_entity_read", JANE).error_code).toBe(102);
    expect(reply(own.site, "schema_entity_read", { ...SCRIPT, sudo_as_login: "jane" }).message).toBe(
      "Cannot 'sudo' - inactive user account",
    );
  });

  test("a retired script is unknown", () => {
    const own = new Studio();
    own.auth = JANE;
    own.delete({ type: "ApiUser", id: 1 });
    expect(reply(own.site, "schema_entity_read", SCRIPT).error_code).toBe(102);
  });

  test("credentials are looked at before the method and the payload", () => {
    expect(reply(studio.site, "nope", {}).error_code).toBe(102);
    expect(reply(studio.site, "nope", SCRIPT)).toEqual({
      exception: true,
      message: "API nope() is not a known method.",
      error_code: 103,
    });
    expect(reply(studio.site, "toString", SCRIPT).error_code).toBe(103);
  });
});

test("info needs no credentials and comes unwrapped", () => {
  const info = reply(new Studio().site, "info");
  expect(info).toMatchObject({ version: [8, 80, 0], api_max_entities_per_page: 500 });
  expect(info).not.toHaveProperty("results");
});

test("a fresh site has what any client looks for", () => {
  const site = Site.open({ scripts: [{ name: "s", key: "k" }], users: [{ login: "al", password: "p" }] });
  const studio = new Studio();
  expect(site.events.newestId).toBe(0);
  const [script] = studio.find(
    "ApiUser",
    [],
    ["firstname", "generate_event_log_entries", "permission_rule_set", "salted_password"],
  );
  expect(script).toMatchObject({
    firstname: "tester",
    generate_event_log_entries: true,
    permission_rule_set: { type: "PermissionRuleSet", name: "Api Admin" },
    salted_password: "*******",
  });
  expect(studio.find("Status")).toHaveLength(24);
  expect(studio.find("Step")).toHaveLength(12);
  expect(studio.find("Project", [["id", "is_not", studio.project.id]])).toHaveLength(2);
  expect(studio.find("Page", [], ["last_accessed"])[0]!.last_accessed).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/,
  );
  const jane = studio.find(
    "HumanUser",
    [
      ["sg_status_list", "is", "act"],
      ["login", "is", "jane"],
    ],
    ["id", "login"],
  );
  expect(jane).toEqual([{ type: "HumanUser", id: 1, login: "jane" }]);
});

test("no key or password is in any reply", () => {
  const studio = new Studio();
  studio.create("ApiUser", { firstname: "other", salted_password: "key of the other" });
  const types = ["ApiUser", "HumanUser", "EventLogEntry"];
  const fields = ["salted_password", "password_proxy", "meta", "description"];
  const text = types.map((type) => JSON.stringify(studio.find(type, [], fields))).join();
  for (const secret of [SCRIPT.script_key, JANE.user_password, "key of the other"])
    expect(text).not.toContain(secret);
  const other = { script_name: "other", script_key: "key of the other" };
  expect(
    reply(studio.site, "update", other, { type: "ApiUser", id: 2, fields: fieldList({ description: "x" }) }),
  ).toHaveProperty("results");
});
