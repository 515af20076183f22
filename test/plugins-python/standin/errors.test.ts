/** What the official client makes of a site's bad days, recorded case by case, against the stand-in. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ABOUT_FILES,
  CERTIFICATE,
  type FailureCase,
  fileReplyOf,
  openTls,
  recordedFailures,
  replyOf,
  UNREACHABLE,
} from "../../client/recorded-failures.ts";
import { type Received, Recorder } from "../../client/recorder.ts";
import { withoutPython } from "../python.ts";
import { StandIn, type StandInCall, type StandInOutcome } from "./driver.ts";

/** Cases that cannot apply, and why. All others run. */
const NOT_HERE = new Map(
  Object.entries({
    keepalive_closed_by_server: "the connection is the daemon's: test/client/http.test.ts",
    set_cookie_ignored: "the connection is the daemon's: test/client/http.test.ts",
    tls_trusted_with_ca_certs: "the certificates are the daemon's: below",
  }),
);

/** Where ours differs on purpose: what it raises instead (null: nothing), after how many requests. */
const DIFFERENT: Record<string, { why: string; raises: string | null; attempts: number }> = {
  close_before_reply: { why: "a write is not sent twice", raises: "RemoteDisconnected", attempts: 1 },
  close_before_reply_then_ok: { why: "a write is not sent twice", raises: "RemoteDisconnected", attempts: 1 },
  garbage_status_line: { why: "a write is not sent twice", raises: "BadStatusLine", attempts: 1 },
  http_303_with_location: { why: "redirects are not followed", raises: "ProtocolError", attempts: 1 },
  http_308_with_location: { why: "redirects are not followed", raises: "ProtocolError", attempts: 1 },
  storage_put_503_always: { why: "each attempt sends the file again", raises: "ShotgunError", attempts: 3 },
  storage_put_500_always: { why: "each attempt sends the file again", raises: "ShotgunError", attempts: 3 },
  storage_put_503_then_ok: { why: "each attempt sends the file again", raises: null, attempts: 2 },
  download_409_scan: {
    why: "no stumbling over the site's words",
    raises: "ShotgunFileDownloadError",
    attempts: 1,
  },
  download_410_quarantined: {
    why: "no stumbling over the site's words",
    raises: "ShotgunFileDownloadError",
    attempts: 1,
  },
};

/** Recordings that lost arguments of the constructor; these make the same error. */
const CONSTRUCT: Record<string, Partial<StandInCall["construct"]>> = {
  ctor_key_without_name: { args: ["<url>"], kwargs: { api_key: "k" } },
  ctor_bad_scheme: { args: ["ftp://x", "s", "k"] },
  ctor_bad_proxy_port: { args: ["http://x", "s", "k"], kwargs: { http_proxy: "http://someserver.com" } },
  gate_sudo_5_2_99: { kwargs: { sudo_as_login: "jane" } },
  gate_sudo_5_3_11: { kwargs: { sudo_as_login: "jane" } },
  gate_session_5_2_9: { args: ["<url>"], kwargs: { session_token: "t" } },
};

const SHOT = { type: "Shot", id: 1 };
const GATED: Record<string, Pick<StandInCall, "method"> & Partial<StandInCall>> = {
  sudo: { method: "delete", args: ["Shot", 1] },
  session: { method: "delete", args: ["Shot", 1] },
  work_schedule_read: { method: "work_schedule_read", args: ["2012-01-01", "2012-01-07"] },
  follow: { method: "follow", args: [{ type: "HumanUser", id: 1 }, SHOT] },
  note_thread_read: { method: "note_thread_read", args: [1] },
  text_search: { method: "text_search", args: ["x", { Shot: [] }] },
  activity_stream_read: { method: "activity_stream_read", args: ["Shot", 1] },
  update_project_last_accessed: {
    method: "update_project_last_accessed",
    args: [{ type: "Project", id: 1 }],
  },
  share_thumbnail: { method: "share_thumbnail", args: [[SHOT]], kwargs: { source_entity: SHOT } },
  upload_filmstrip_thumbnail: {
    method: "upload_filmstrip_thumbnail",
    args: ["Shot", 1, "fixtures/hello.txt"],
  },
  find_archived: { method: "find", args: ["Shot", []], kwargs: { include_archived_projects: false } },
  find_presets: {
    method: "find",
    args: ["Shot", []],
    kwargs: { additional_filter_presets: [{ preset_name: "LATEST" }] },
  },
};

/** Raised by libraries of which only the kind, not the text, is part of what the client promises. */
const WORDS_OF_OTHERS =
  /^(ConnectionResetError|IncompleteRead|BadStatusLine|TimeoutError|timeout|ConnectionRefusedError|RemoteDisconnected|ServerNotFoundError|FailedToDecompressContent|SSL\w*Error)$/;

describe.skipIf(withoutPython)("the stand-in fails as the official client does:", () => {
  let standIn: StandIn;

  beforeAll(async () => {
    standIn = await StandIn.open();
    await standIn.write("fixtures/hello.txt", "hello world\n");
    await standIn.write("fixtures/clip.mov", "not really a movie, 25 b.");
  });

  afterAll(() => standIn.close());

  for (const recorded of recordedFailures) {
    if (NOT_HERE.has(recorded.name)) continue;
    const { why } = DIFFERENT[recorded.name] ?? {};
    test(why ? `${recorded.name}: ${why}` : recorded.name, () => check(standIn, recorded));
  }

  test("all 137 are there, and every one that is named here exists", () => {
    expect(recordedFailures).toHaveLength(137);
    const names = recordedFailures.map(({ name }) => name);
    for (const name of [...NOT_HERE.keys(), ...Object.keys(DIFFERENT), ...Object.keys(CONSTRUCT)])
      expect(names).toContain(name);
  });
});

test.skipIf(withoutPython)("the stand-in trusts the certificates that the daemon trusts", async () => {
  const listener = await openTls("tls_trusted_with_ca_certs");
  const standIn = await StandIn.open(CERTIFICATE);
  try {
    const construct = { args: [listener.url, "s", "k"], kwargs: { connect: false } };
    const made = await standIn.call({ construct, method: "_call_rpc", args: ["delete", {}, false] });
    expect(made).toEqual({ value: true, pauses: [] });
  } finally {
    await standIn.close();
    listener.close();
  }
});

async function check(standIn: StandIn, recorded: FailureCase): Promise<void> {
  const { name, server } = recorded;
  if (server.tls !== undefined) return checkTls(standIn, recorded);
  const isFile = ABOUT_FILES.test(name);
  const isCounted = (request: Received) =>
    !isFile || (recorded.call.storage ? request.method === "PUT" : request.path !== "/api3/json");
  const isHandshake = name.startsWith("handshake_");
  await using site = await Recorder.open(
    (request) => {
      if (isHandshake) return { body: server.body };
      const index = site.requests.filter(isCounted).length - 1;
      if (!isFile) return replyOf(recorded, index);
      return isCounted(request) ? fileReplyOf.counted(recorded, index) : fileReplyOf.others(request, site);
    },
    {
      info: isHandshake
        ? null
        : {
            version: server.info_version ?? [8, 80, 0],
            s3_direct_uploads_enabled: Boolean(recorded.call.storage),
          },
    },
  );
  const url = name in UNREACHABLE ? await UNREACHABLE[name]!() : site.url;
  const outcome = await standIn.call(callOf(recorded, url, standIn.folder));
  compare(recorded, outcome, site, standIn.folder);
  const { attempts } = DIFFERENT[name] ?? recorded;
  expect(site.requests.filter(isCounted)).toHaveLength(attempts);
  // The official client also waits after its last attempt.
  if (!DIFFERENT[name]) expect(outcome.pauses).toEqual(recorded.sleeps_s.slice(0, Math.max(0, attempts - 1)));
}

async function checkTls(standIn: StandIn, recorded: FailureCase): Promise<void> {
  const listener = await openTls(recorded.name);
  try {
    const call = callOf(recorded, listener.url, standIn.folder);
    const outcome = await standIn.call({ ...call, method: "_call_rpc", args: ["delete", {}, false] });
    expect([outcome.exception?.class, ...(outcome.exception?.bases ?? [])]).toEqual(
      expect.arrayContaining([
        recorded.exception!.class,
        ...recorded.exception!.bases.map(withoutModule).slice(0, 2),
      ]),
    );
    expect(listener.connections).toBe(recorded.attempts);
    expect(outcome.pauses).toEqual(recorded.sleeps_s);
  } finally {
    listener.close();
  }
}

function callOf({ name, call, server }: FailureCase, url: string, folder: string): StandInCall {
  const gated = server.info_version ? GATED[call.method]! : null;
  const recorded: Partial<typeof call> = call.method === "__init__" ? call : {};
  const { args = recorded.args ?? [url, "s", "k"], kwargs = recorded.kwargs ?? {} } = CONSTRUCT[name] ?? {};
  const text = JSON.stringify({
    construct: { args, kwargs: { connect: false, ...kwargs } },
    method: call.method,
    ...(call.method === "__init__" ? {} : { args: call.args ?? [], kwargs: call.kwargs ?? {} }),
    ...gated,
    ...(name === "no_credentials_then_call" && { config: { script_name: null, api_key: null } }),
    ...(server.socket?.includes("never") && { config: { timeout_secs: 0.3 } }),
    ...(server.env && { env: server.env }),
  });
  return JSON.parse(text.replaceAll("<url>", url).replaceAll("fixtures/", `${folder}/fixtures/`));
}

function compare(
  recorded: FailureCase,
  { exception, value }: StandInOutcome,
  site: Recorder,
  folder: string,
) {
  const different = DIFFERENT[recorded.name];
  if (different ? different.raises === null : recorded.exception === null) {
    expect(exception).toBeUndefined();
    if (!different && recorded.call.method !== "__init__")
      expect(value).toEqual(writtenValue(recorded.value));
    return;
  }
  expect(exception).toBeDefined();
  if (different) return expect(exception?.class).toBe(different.raises);
  const theirs = recorded.exception!;
  const isOurs = [exception!.class, ...exception!.bases];
  // on a Python before 3.10, a time-out is a class of the module socket
  expect(isOurs.map((kind) => (kind === "timeout" ? "TimeoutError" : kind))).toEqual(
    expect.arrayContaining([theirs.class, ...theirs.bases.map(withoutModule)]),
  );
  if (!WORDS_OF_OTHERS.test(theirs.class)) {
    const words = wordsHere(theirs.message, site, folder);
    // The official sentence goes on with advice about its own versions.
    if (recorded.name.startsWith("handshake_")) expect(words.startsWith(exception!.message)).toBe(true);
    else expect(exception!.message).toBe(words);
  }
  const { errcode, errmsg } = theirs.attrs;
  if (errcode !== undefined)
    expect(exception!.attrs).toMatchObject({ errcode, errmsg: wordsHere(errmsg!, site, folder) });
}

/** What the official client would have said here. */
function wordsHere(message: string, site: Recorder, folder: string): string {
  const words = message
    .replace("byte 0xe9 in position 13", "byte 0xe9 in position 2")
    .replace("Request Entity Too Large", "Payload Too Large")
    .replaceAll("fixtures/", `${folder}/fixtures/`)
    .replaceAll("site.example", `127.0.0.1:${site.port}`);
  // What follows in the address is a signature: it is not shown.
  return words.replace("?sig=1", "");
}

const withoutModule = (name: string) => name.replace(/^.*\./, "");

/** `b'…'` stands in the recording as it is printed. */
function writtenValue(value: unknown): unknown {
  const bytes = /^b'(.*)'$/.exec((value as { $repr?: string } | null)?.$repr ?? "");
  return bytes ? { $bytes_b64: Buffer.from(bytes[1]!).toString("base64") } : value;
}
