/** Who calls: people, sessions, two-factor codes, and that none of it shows. */
import { inspect } from "node:util";
import type { Shotgun } from "callsheet/client";
import { afterEach, describe, expect, test, vi } from "vitest";
import { connect, rejection } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

const PASSWORD = "correct&horse battery";
const TOKEN = "token/that+stays here";
const person = { login: "jane", password: PASSWORD };

const methods = (site: Recorder) => site.requests.map(({ body }) => body.method_name);

test("a code of the second factor is exchanged once, by the first call, even when several come at once", async () => {
  await using site = await Recorder.open(({ body }) =>
    body.method_name === "get_session_token" ? { body: { results: { session_id: TOKEN } } } : {},
  );
  await using client = connect(site.url, { ...person, authToken: "123456" });
  await Promise.all([client.sg.delete("Shot", 1), client.sg.delete("Shot", 2), client.sg.delete("Shot", 3)]);
  expect(methods(site)).toEqual(["get_session_token", "delete", "delete", "delete"]);
  for (const { body } of site.requests.slice(1)) {
    expect(body.params[0]).toEqual({ session_token: TOKEN, reject_if_expired: true });
  }
});

test("connect() exchanges a code of the second factor at once; with other credentials it only asks for info", async () => {
  await using site = await Recorder.open(() => ({ body: { results: { session_id: TOKEN } } }));
  await using script = connect(site.url);
  await script.sg.connect();
  expect([site.infos.length, site.requests.length]).toEqual([1, 0]);
  await using client = connect(site.url, { ...person, authToken: "123456" });
  await client.sg.connect();
  expect(methods(site)).toEqual(["get_session_token"]);
});

test("a code that was refused is told, and the next call tries again", async () => {
  await using site = await Recorder.open(() => ({
    body: { exception: true, message: "no", error_code: 102 },
  }));
  await using client = connect(site.url, { ...person, authToken: "123456" });
  expect(await rejection(client.sg.delete("Shot", 1))).toMatchObject({ name: "AuthenticationFault" });
  await rejection(client.sg.delete("Shot", 1));
  expect(methods(site)).toEqual(["get_session_token", "get_session_token"]);
});

test("a session is asked for once, and by whoever needs it first", async () => {
  await using site = await Recorder.open(() => ({ body: { results: { session_id: TOKEN } } }));
  await using client = connect(site.url);
  expect(await Promise.all([client.sg.getSessionToken(), client.sg.getSessionToken()])).toEqual([
    TOKEN,
    TOKEN,
  ]);
  expect(await client.sg.getSessionToken()).toBe(TOKEN);
  expect(site.requests).toHaveLength(1);
});

describe("a session that is an hour old", () => {
  afterEach(() => void vi.useRealTimers());
  const sessions = () =>
    Recorder.open((_request, index) => ({ body: { results: { session_id: `token-${index}` } } }));
  const anHourLater = () => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });

  test("is replaced by another, of which nothing shows either", async () => {
    await using site = await sessions();
    await using client = connect(site.url);
    expect(await client.sg.getSessionToken()).toBe("token-0");
    anHourLater();
    expect(await client.sg.getSessionToken()).toBe("token-1");
    const refusal = await rejection(client.sg.find("token-0", "token-1" as never));
    expect((refusal as Error).message).not.toMatch(/token-/);
  });

  test("is kept when a code of the second factor opened it", async () => {
    await using site = await sessions();
    await using client = connect(site.url, { ...person, authToken: "123456" });
    await client.sg.getSessionToken();
    anHourLater();
    expect(await client.sg.getSessionToken()).toBe("token-0");
  });
});

test("authenticating somebody leaves the connection as it is, sudo included", async () => {
  await using site = await Recorder.open(({ body }) =>
    body.method_name === "read" ? page([{ type: "HumanUser", id: 42, login: "joe" }]) : {},
  );
  await using client = connect(site.url, { sudoAsLogin: "jane", extraAuthParams: { product: "rv" } });
  expect(await client.sg.authenticateHumanUser("joe", PASSWORD)).toMatchObject({ id: 42, login: "joe" });
  await client.sg.delete("Shot", 1);
  expect(site.requests.map(({ body }) => body.params[0])).toEqual([
    { user_login: "joe", user_password: PASSWORD, product: "rv" },
    { script_name: "test script", script_key: expect.any(String), sudo_as_login: "jane", product: "rv" },
  ]);
});

test("a project is put first for whoever is acting, who must be there", async () => {
  await using site = await Recorder.open(() => page([]));
  await using client = connect(site.url, { sudoAsLogin: "jane" });
  const error = await rejection(client.sg.updateProjectLastAccessed({ type: "Project", id: 70 }));
  expect(error).toMatchObject({ code: "SITE_ARGUMENT" });
  expect(methods(site)).toEqual(["read"]);
});

describe("nothing secret shows", () => {
  const hidden = [PASSWORD, TOKEN, "123456", encodeURIComponent(PASSWORD), encodeURIComponent(TOKEN)];
  const expectHidden = (value: unknown) => {
    const shown = `${inspect(value, { depth: Infinity, showHidden: true, getters: true })} ${JSON.stringify(value)}`;
    for (const secret of hidden) expect(shown).not.toContain(secret);
  };
  const echo = (text: string) => ({
    body: { exception: true, message: `you sent ${text}`, error_code: 104 },
  });

  test.each([
    ["a password", { ...person }, PASSWORD],
    ["a token", { sessionToken: TOKEN }, TOKEN],
  ])("of %s", async (_name, credentials, secret) => {
    await using site = await Recorder.open(() => echo(secret));
    await using client = connect(site.url, credentials);
    expectHidden(client.sg);
    const error = await rejection(client.sg.delete("Shot", 1));
    expect(error).toMatchObject({ message: "you sent [hidden]" });
    expectHidden(error);
  });

  test("of a session that the site gave", async () => {
    await using site = await Recorder.open(({ body }) =>
      body.method_name === "get_session_token" ? { body: { results: { session_id: TOKEN } } } : echo(TOKEN),
    );
    await using client = connect(site.url, { ...person, authToken: "123456" });
    const error = await rejection(client.sg.delete("Shot", 1));
    expect(error).toMatchObject({ message: "you sent [hidden]" });
    expectHidden(error);
    expectHidden(client.sg);
  });

  test("of a password that is only tried", async () => {
    await using site = await Recorder.open(() => echo(PASSWORD));
    await using client = connect(site.url);
    const error = await rejection(client.sg.authenticateHumanUser("jane", PASSWORD));
    expect(error).toMatchObject({ message: "you sent [hidden]" });
    expectHidden(error);
  });

  test("of a form that the site repeats", async () => {
    await using site = await Recorder.open(() => ({ body: `0\nyou sent ${PASSWORD}\n` }));
    await using client = connect(site.url, person);
    const error = await rejection(client.sg.upload("Note", 1, import.meta.filename));
    expect(error).toMatchObject({ message: "you sent [hidden]" });
    expectHidden(error);
  });
});

test("an error carries what the site calls the request", async () => {
  await using site = await Recorder.open(() => ({
    headers: { "content-type": "application/json", "x-request-id": "r-17" },
    body: { exception: true, message: "no", error_code: 104 },
  }));
  await using client = connect(site.url);
  expect(await rejection(client.sg.delete("Shot", 1))).toMatchObject({
    requestId: "r-17",
    attempts: 1,
    status: 200,
  });
});

test.each<[string, (sg: Shotgun) => Promise<unknown>]>([
  ["followers Shot", (sg) => sg.followers({ type: "Shot", id: 1 })],
  ["follow Shot", (sg) => sg.follow({ type: "HumanUser", id: 1 }, { type: "Shot", id: 1 })],
  ["navSearchEntity Shot", (sg) => sg.navSearchEntity("/", { type: "Shot", id: 1 })],
  [
    "shareThumbnail Shot",
    (sg) => sg.shareThumbnail([{ type: "Shot", id: 1 }], { sourceEntity: { type: "Asset", id: 1 } }),
  ],
])("an error of %s names the entity's type", async (name, call) => {
  await using site = await Recorder.open(() => ({ status: 404 }));
  await using client = connect(site.url);
  const error = await rejection(call(client.sg));
  expect(error).toMatchObject({ method: name.split(" ")[0], entityType: "Shot" });
  expect((error as Error).message).toContain(name);
});

test("the user agent can be added to and put back while calls go on", async () => {
  await using site = await Recorder.open(() => ({}));
  await using client = connect(site.url, { userAgent: ["one"] });
  client.sg.addUserAgent("two 2.0");
  await client.sg.delete("Shot", 1);
  client.sg.resetUserAgent();
  await client.sg.delete("Shot", 1);
  expect(site.requests.map(({ headers }) => headers["user-agent"]?.split(")")[1])).toEqual([
    "; one; two 2.0",
    "",
  ]);
  expect(() => client.sg.addUserAgent("a\nb")).toThrow("must be printable ASCII");
});
