import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { Site } from "../../src/sandbox/site.ts";
import { type Fields, SCRIPT, Studio } from "./studio.ts";

const JANE = { user_login: "jane", user_password: "secret of jane" };
const WRONG = { ...JANE, user_password: "wrong" };

class Clock {
  at = new Date("2026-05-13T10:20:30Z").getTime();
  readonly now = () => new Date(this.at);

  pass(hours: number): void {
    this.at += hours * 60 * 60 * 1000;
  }
}

/** The fault's code and text, or what a fresh look at the site answers. */
function reply(site: Site, auth: unknown, method = "schema_field_read", payload: unknown = { type: "Shot" }) {
  const { results, error_code, message } = JSON.parse(site.callJson(method, [auth, payload])) as Fields;
  return results === undefined ? `${error_code} ${message}` : "welcome";
}

function token(site: Site, auth: unknown): string {
  return (site.call("get_session_token", [auth]) as { session_id: string }).session_id;
}

const REFUSED = "102 Can't authenticate user 'jane'.";

describe("passwords", () => {
  test("five failures lock an account for a while, also for the right password", () => {
    const clock = new Clock();
    const studio = new Studio({ now: clock.now });
    for (let failure = 0; failure < 5; failure++) expect(reply(studio.site, WRONG)).toBe(REFUSED);
    expect(reply(studio.site, JANE)).toBe(REFUSED);
    const jane = { type: "HumanUser", id: 1 };
    expect(studio.get(jane, "locked_until").locked_until).toBe("2026-05-13T10:35:30Z");
    clock.pass(1);
    expect(reply(studio.site, JANE)).toBe("welcome");
  });

  test("a success between failures begins the count again", () => {
    const { site } = new Studio();
    for (let failure = 0; failure < 12; failure++) {
      expect(reply(site, WRONG)).toBe(REFUSED);
      if (failure % 4 === 3) expect(reply(site, JANE)).toBe("welcome");
    }
  });

  test("a script unlocks an account by its locked_until", () => {
    const studio = new Studio();
    for (let failure = 0; failure < 5; failure++) reply(studio.site, WRONG);
    studio.update({ type: "HumanUser", id: 1 }, { locked_until: null });
    expect(reply(studio.site, JANE)).toBe("welcome");
  });

  test("a person made by a script logs in with the password given, and then with a new one", () => {
    const studio = new Studio();
    const joe = studio.create("HumanUser", { name: "Joe", login: "joe", password_proxy: "first" });
    expect(reply(studio.site, { user_login: "joe", user_password: "first" })).toBe("welcome");
    studio.update(joe, { password_proxy: "second" });
    expect(reply(studio.site, { user_login: "joe", user_password: "first" })).toMatch(/^102/);
    expect(reply(studio.site, { user_login: "joe", user_password: "second" })).toBe("welcome");
  });

  test("the person a site was opened with is named by the first who knows its password, once", () => {
    const studio = new Studio({ users: [{ login: "suite", password: "secret" }] });
    const [before] = studio.find("HumanUser", [["login", "is", "suite"]], ["name"]);
    expect(before!.name).toBe("suite");
    const make = (name: string, password_proxy: string) =>
      studio.create("HumanUser", { name, login: "suite", password_proxy, email: "s@example.com" }, ["name"]);
    expect(() => make("Somebody", "wrong")).toThrow(/unique/);
    expect(make("Suite Person", "secret")).toEqual({
      type: "HumanUser",
      id: before!.id,
      name: "Suite Person",
    });
    expect(studio.get(before!, "firstname", "lastname", "email")).toMatchObject({
      firstname: "Suite",
      lastname: "Person",
      email: "s@example.com",
    });
    expect(reply(studio.site, { user_login: "suite", user_password: "secret" })).toBe("welcome");
    expect(() => make("Another", "secret")).toThrow(/unique/);
  });

  test("a wrong password of a known person is an event, without the password", () => {
    const studio = new Studio();
    const before = studio.lastEvent;
    reply(studio.site, { ...WRONG, user_password: "hunter2" });
    reply(studio.site, { ...WRONG, user_login: "nobody" });
    const events = studio.events(before, ["event_type", "user", "meta", "description"]);
    expect(events).toMatchObject([
      { event_type: "Shotgun_User_FailedLogin", user: { type: "HumanUser", id: 1 } },
    ]);
    expect(JSON.stringify(events)).not.toContain("hunter2");
  });

  test.each([
    ["saml2", 108],
    ["oxygen", 110],
  ] as const)("a site with %s log-in takes no password: %d", (authentication, code) => {
    const { site } = new Studio({ settings: { authentication } });
    expect(reply(site, JANE)).toMatch(new RegExp(`^${code} `));
    expect(reply(site, SCRIPT)).toBe("welcome");
    expect(site.call("info", [])).toMatchObject({ user_authentication_method: authentication });
  });
});

describe("two-factor log-in", () => {
  const users = [{ login: "jane", password: JANE.user_password, codes: ["111111", "222222"] }];

  test("needs a code, and each code is good once", () => {
    const { site } = new Studio({ users });
    expect(reply(site, JANE)).toMatch(/^106 /);
    expect(reply(site, { ...JANE, auth_token: "" })).toMatch(/^106 /);
    expect(reply(site, { ...JANE, auth_token: "999999" })).toBe(REFUSED);
    expect(reply(site, { ...JANE, auth_token: "111111" })).toBe("welcome");
    expect(reply(site, { ...JANE, auth_token: "111111" })).toBe(REFUSED);
    expect(reply(site, { ...JANE, auth_token: "222222" })).toBe("welcome");
  });

  test("a wrong password is refused before the code is asked for, or used up", () => {
    const { site } = new Studio({ users });
    expect(reply(site, { ...WRONG, auth_token: "111111" })).toBe(REFUSED);
    expect(reply(site, { ...JANE, auth_token: "111111" })).toBe("welcome");
  });

  test("the session that a code opens needs no further code", () => {
    const { site } = new Studio({ users });
    const session_token = token(site, { ...JANE, auth_token: "111111" });
    expect(reply(site, { session_token })).toBe("welcome");
    expect(reply(site, { session_token })).toBe("welcome");
  });

  test("used codes stay used when the site is opened again", () => {
    const folder = mkdtempSync(join(tmpdir(), "callsheet-log-in-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const storage = join(folder, "site.db");
    const first = Site.open({ storage, users });
    expect(reply(first, { ...JANE, auth_token: "111111" })).toBe("welcome");
    first.close();
    const second = Site.open({ storage, users });
    onTestFinished(() => second.close());
    expect(reply(second, { ...JANE, auth_token: "111111" })).toBe(REFUSED);
    expect(reply(second, { ...JANE, auth_token: "222222" })).toBe("welcome");
  });
});

describe("session tokens", () => {
  test("stand for the person or script that asked for them", () => {
    const studio = new Studio();
    const maker = (auth: Fields) => {
      studio.auth = { session_token: token(studio.site, auth), session_uuid: "u-1" };
      const before = studio.lastEvent;
      const { created_by } = studio.make("Shot", {}, ["created_by"]);
      return { created_by, ...studio.events(before, ["user", "session_uuid", "meta"])[0] };
    };
    expect(maker(JANE)).toMatchObject({
      created_by: { type: "HumanUser", name: "Jane Doe" },
      user: { type: "HumanUser", name: "Jane Doe" },
      session_uuid: "u-1",
    });
    expect(maker(SCRIPT)).toMatchObject({ created_by: { type: "ApiUser", name: "tester" } });
    expect(maker({ ...SCRIPT, sudo_as_login: "jane" })).toMatchObject({
      created_by: { type: "HumanUser", name: "Jane Doe" },
      meta: { sudo_actual_user: { type: "ApiUser", id: 1 } },
    });
  });

  test("a script's session may act for a person, a person's may not", () => {
    const { site } = new Studio();
    const sudo = (auth: Fields) => reply(site, { session_token: token(site, auth), sudo_as_login: "jane" });
    expect(sudo(SCRIPT)).toBe("welcome");
    expect(sudo(JANE)).toMatch(/^102 The user does not have permission to 'sudo':/);
  });

  test("an unknown token is refused with its last four letters only", () => {
    const { site } = new Studio();
    expect(reply(site, { session_token: "0123456789abcdef" })).toBe(
      "102 Can't authenticate session token ending with 'cdef'",
    );
  });

  test("expire after a day without use, when the client asks for it", () => {
    const clock = new Clock();
    const { site } = new Studio({ now: clock.now });
    const strict = { session_token: token(site, JANE), reject_if_expired: true };
    for (let call = 0; call < 3; call++) {
      clock.pass(20);
      expect(reply(site, strict)).toBe("welcome");
    }
    clock.pass(25);
    expect(reply(site, strict)).toMatch(/^102 Can't authenticate session token/);
    expect(reply(site, { ...strict, reject_if_expired: false })).toBe("welcome");
    expect(reply(site, strict)).toBe("welcome");
  });

  test("end with the person's account or the script", () => {
    const studio = new Studio();
    const [jane, script] = [JANE, SCRIPT].map((auth) => ({ session_token: token(studio.site, auth) }));
    studio.update({ type: "HumanUser", id: 1 }, { sg_status_list: "dis" });
    expect(reply(studio.site, jane)).toMatch(/^102/);
    studio.delete({ type: "ApiUser", id: 1 });
    expect(reply(studio.site, script)).toMatch(/^102/);
  });

  test("a person's session is a log-in in the event log, a script's is not", () => {
    const studio = new Studio();
    const before = studio.lastEvent;
    token(studio.site, SCRIPT);
    token(studio.site, JANE);
    expect(studio.events(before, ["event_type"])).toMatchObject([{ event_type: "Shotgun_User_Login" }]);
  });

  test("no token is kept in the clear, and none is told twice", () => {
    const { site } = new Studio();
    expect(token(site, JANE)).toMatch(/^[0-9a-f]{32}$/);
    expect(token(site, JANE)).not.toBe(token(site, JANE));
  });
});
