/** What the official client makes of a site's bad days, recorded case by case, against ours. */
import * as client from "callsheet/client";
import { Shotgun, type ShotgunOptions } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { CallsheetError } from "../../src/errors.ts";
import { connect, rejection } from "./connect.ts";
import {
  ABOUT_FILES,
  type FailureCase as Case,
  CERTIFICATE,
  openTls,
  recordedFailures,
  replyOf,
  UNREACHABLE,
} from "./recorded-failures.ts";
import { Recorder } from "./recorder.ts";

/** Cases that cannot apply, or are no table's to run, and why. All others run. */
const NOT_HERE = new Map(
  Object.entries({
    keepalive_closed_by_server: "needs a connection of its own to close: http.test.ts",
    set_cookie_ignored: "needs two calls: http.test.ts",
  }),
);

/** Where ours differs on purpose: what it throws instead, after how many requests. */
const DIFFERENT: Record<string, { why: string; name: string; attempts: number }> = {
  http_429: { why: "sent again with back-off", name: "ProtocolError", attempts: 5 },
  http_503: { why: "sent again with back-off", name: "ProtocolError", attempts: 5 },
  http_303_with_location: { why: "redirects are not followed", name: "ProtocolError", attempts: 1 },
  http_308_with_location: { why: "redirects are not followed", name: "ProtocolError", attempts: 1 },
  http_204_empty: { why: "no JSON is an error", name: "ReplyError", attempts: 1 },
  html_200: { why: "no JSON is an error", name: "ReplyError", attempts: 1 },
  no_results_key: { why: "delete is answered by true or false", name: "ReplyError", attempts: 1 },
  top_level_list: { why: "delete is answered by true or false", name: "ReplyError", attempts: 1 },
  results_null: { why: "delete is answered by true or false", name: "ReplyError", attempts: 1 },
  close_before_reply: { why: "a write is not sent twice", name: "UnreachableError", attempts: 1 },
  close_before_reply_then_ok: { why: "a write is not sent twice", name: "UnreachableError", attempts: 1 },
  garbage_status_line: { why: "a write is not sent twice", name: "UnreachableError", attempts: 1 },
};

const cases = recordedFailures;

describe("the recorded failures of the official client", () => {
  for (const recorded of cases) {
    const { name } = recorded;
    if (NOT_HERE.has(name) || ABOUT_FILES.test(name)) continue;
    const { why } = DIFFERENT[name] ?? {};
    test(why ? `${name}: ${why}` : name, () => check(recorded));
  }

  test("all 137 are there, and every one that is named here exists", () => {
    expect(cases).toHaveLength(137);
    const names = cases.map((row) => row.name);
    for (const name of [...NOT_HERE.keys(), ...Object.keys(DIFFERENT)]) expect(names).toContain(name);
  });
});

async function check(recorded: Case): Promise<void> {
  const { name, server } = recorded;
  if (name.startsWith("ctor_") || name in CONSTRUCTORS) return checkConstructor(name);
  if (name.startsWith("handshake_")) return checkHandshake(recorded);
  if (server.info_version) return checkGate(recorded);
  if (server.tls !== undefined) return checkTls(recorded);
  if (name in UNREACHABLE) return checkUnreachable(recorded);
  await using site = await Recorder.open((_request, index) => replyOf(recorded, index));
  await using made = connect(site.url, server.socket?.includes("never") ? { timeoutMs: 300 } : {});
  const [type] = (recorded.call.args ?? []) as [string];
  const calls: Record<string, () => Promise<unknown>> = {
    find: () => made.sg.find(type, []),
    delete: () => made.sg.delete(type, 1),
    get_session_token: () => made.sg.getSessionToken(),
  };
  const call = calls[recorded.call.method]!();
  const different = DIFFERENT[name];
  if (!different) return await compare(recorded, call, () => site.requests.length, made.pauses);
  const error = await rejection(call);
  expect(error).toMatchObject({ name: different.name, attempts: different.attempts });
  expect(site.requests).toHaveLength(different.attempts);
}

/** Names of the Python exceptions on the left; ours on the right. */
const CLASSES: Record<string, string> = {
  JSONDecodeError: "ReplyError",
  AttributeError: "ReplyError",
  KeyError: "ReplyError",
  TypeError: "ReplyError",
  RuntimeError: "ReplyError",
  UnicodeDecodeError: "ReplyError",
  FailedToDecompressContent: "UnreachableError",
  ConnectionResetError: "UnreachableError",
  IncompleteRead: "UnreachableError",
  TimeoutError: "UnreachableError",
  ConnectionRefusedError: "UnreachableError",
  ServerNotFoundError: "UnreachableError",
  SSLCertVerificationError: "UnreachableError",
  SSLEOFError: "UnreachableError",
  SSLError: "UnreachableError",
};

async function compare(recorded: Case, call: Promise<unknown>, attempts: () => number, pauses: number[]) {
  const { exception } = recorded;
  if (exception === null) expect(await call).toEqual(recorded.value);
  else {
    const error = await rejection(call);
    expect(error).toBeInstanceOf(client.ShotgunError);
    expect(error).toMatchObject({ name: CLASSES[exception.class] ?? exception.class });
    if (error instanceof client.ProtocolError) {
      expect(error.status).toBe(exception.attrs.errcode);
      expect(error.message).toContain(
        recorded.name === "http_403" ? "API access is blocked" : error.statusText,
      );
    }
    if (error instanceof client.Fault && !exception.message.startsWith("Authentication using")) {
      expect(error.message).toBe(exception.message);
    }
    if (recorded.attempts > 0) expect(error).toMatchObject({ attempts: recorded.attempts });
  }
  expect(attempts()).toBe(recorded.attempts);
  expect(pauses).toEqual(recorded.sleeps_s.map((seconds) => seconds * 1000));
}

async function checkUnreachable(recorded: Case): Promise<void> {
  await using made = connect(await UNREACHABLE[recorded.name]!());
  await compare(recorded, made.sg.delete("Shot", 1), () => 0, made.pauses);
}

async function checkTls(recorded: Case): Promise<void> {
  const { name, server } = recorded;
  const interval = server.env?.SHOTGUN_API_RETRY_INTERVAL;
  const options: Partial<ShotgunOptions> = {
    ...(interval ? { retry: { tlsPauseMs: Number(interval) } } : {}),
    ...(name.includes("trusted") ? { caCerts: CERTIFICATE } : {}),
  };
  const listener = await openTls(name);
  try {
    await using made = connect(listener.url, options);
    await compare(recorded, made.sg.delete("Shot", 1), () => listener.connections, made.pauses);
  } finally {
    listener.close();
  }
}

const SCRIPT = { scriptName: "s", scriptKey: "k" };

const CONSTRUCTORS: Record<string, object> = {
  ctor_no_credentials: {},
  ctor_key_without_name: { scriptKey: "k" },
  ctor_name_without_key: { scriptName: "s" },
  ctor_script_and_login: { scriptName: "s", scriptKey: "k", login: "u", password: "p" },
  ctor_login_without_password: { login: "u" },
  ctor_password_without_login: { password: "p" },
  ctor_session_and_script: { scriptName: "s", scriptKey: "k", sessionToken: "t" },
  ctor_session_and_login: { login: "u", password: "p", sessionToken: "t" },
  ctor_auth_token_without_login: { authToken: "1" },
  ctor_auth_token_with_script: { scriptName: "s", scriptKey: "k", authToken: "1" },
  // Ours refuses to be made, theirs the first call.
  no_credentials_then_call: {},
  // What theirs takes from the environment is an option of ours.
  env_retry_interval_not_int: { ...SCRIPT, retry: { tlsPauseMs: "abc" } },
  env_retry_interval_negative: { ...SCRIPT, retry: { tlsPauseMs: -1 } },
};

function construct(name: string): unknown {
  if (name === "ctor_bad_scheme") return new Shotgun("ftp://x", SCRIPT);
  if (name === "ctor_bad_proxy_port") return client.openHttpTransport({ httpProxy: "http://someserver.com" });
  return new Shotgun("http://127.0.0.1", CONSTRUCTORS[name] as ShotgunOptions);
}

function checkConstructor(name: string): void {
  let error: unknown;
  try {
    construct(name);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(CallsheetError);
  expect(error).toMatchObject({ code: "SITE_ARGUMENT" });
}

async function checkHandshake({ server, exception }: Case): Promise<void> {
  await using site = await Recorder.open(() => ({ body: server.body }), { info: null });
  await using made = connect(site.url);
  if (exception === null) return expect(await made.sg.info()).toEqual(server.body);
  const error = await rejection(made.sg.info());
  if (exception.class.endsWith("Fault"))
    return expect(error).toMatchObject({ name: exception.class, attempts: 1 });
  const tooOld = exception.message.includes("or higher");
  expect(error).toMatchObject({ code: tooOld ? "SITE_TOO_OLD" : "SITE_REPLY" });
}

const SHOT = { type: "Shot", id: 1 };
const PERSON = { type: "HumanUser", id: 1 };

const GATED: Record<string, (sg: Shotgun) => Promise<unknown>> = {
  sudo: (sg) => sg.delete("Shot", 1),
  session: (sg) => sg.delete("Shot", 1),
  work_schedule_read: (sg) => sg.workScheduleRead("2012-01-01", "2012-01-07"),
  follow: (sg) => sg.follow(PERSON, SHOT),
  note_thread_read: (sg) => sg.noteThreadRead(1),
  text_search: (sg) => sg.textSearch("x", { Shot: [] }),
  activity_stream_read: (sg) => sg.activityStreamRead("Shot", 1),
  update_project_last_accessed: (sg) => sg.updateProjectLastAccessed({ type: "Project", id: 1 }),
  share_thumbnail: (sg) => sg.shareThumbnail([SHOT], { sourceEntity: SHOT }),
  upload_filmstrip_thumbnail: (sg) => sg.uploadFilmstripThumbnail("Shot", 1, import.meta.filename),
  find_archived: (sg) => sg.find("Shot", [], [], { includeArchivedProjects: false }),
  find_presets: (sg) => sg.find("Shot", [], [], { additionalFilterPresets: [{ preset_name: "LATEST" }] }),
};

async function checkGate({ call: { method }, server }: Case): Promise<void> {
  await using site = await Recorder.open(() => ({}), { info: { version: server.info_version } });
  const options = { sudo: { sudoAsLogin: "jane" }, session: { sessionToken: "t" } }[method];
  await using made = connect(site.url, options);
  expect(await rejection(GATED[method]!(made.sg))).toMatchObject({ code: "SITE_TOO_OLD", attempts: 0 });
  expect(site.requests).toHaveLength(0);
}
