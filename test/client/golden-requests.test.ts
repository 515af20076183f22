/** What the official client sent and got, recorded call by call, against ours. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ArgumentError,
  ReplyError,
  ShotgunError,
  type ShotgunOptions,
  SiteTooOldError,
} from "callsheet/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connect } from "./connect.ts";
import { fromPython } from "./python.ts";
import { isKnown, ourCall } from "./python-calls.ts";
import {
  asksForInfo,
  bodyOf,
  type Case,
  type Exchange,
  exchangesOf,
  expectedBody,
  FILES,
  fillElided,
  here,
  recordedRequests,
  siteInfo,
  UNEXPECTED,
} from "./recorded.ts";
import { type Received, Recorder } from "./recorder.ts";

/** Cases that cannot apply, and why. All others run. */
const NOT_HERE = new Map([["update_tuple_value_not_stripped", "JavaScript has no tuples, only lists"]]);

/** Arguments that JavaScript has something else for. */
const INSTEAD: Record<string, Record<string, unknown>> = {
  batch_not_a_list: { requests: new Set([{ request_type: "delete", entity_type: "Shot", entity_id: 1 }]) },
  work_schedule_read_bad_type: { start_date: new Date("2012-01-01") },
};

/** Where ours differs on purpose: why, how many of the recorded requests are sent, and what becomes of the call. */
const DIFFERENT: Record<string, { why: string; sends: number; outcome: unknown }> = {
  find_server_3_2_no_image_urls: {
    why: "the second request ends in a TypeError of the official client, whatever is answered",
    sends: 1,
    outcome: [{ type: "Shot", id: 1, image: "4271" }],
  },
  batch_update_mode_singular_key: {
    why: "refused: a misspelling that would silently replace a list",
    sends: 0,
    outcome: expect.any(ArgumentError),
  },
};

const cases = recordedRequests;
const folder = mkdtempSync(join(tmpdir(), "callsheet-files-"));

beforeAll(() => {
  for (const [name, content] of Object.entries(FILES)) {
    writeFileSync(join(folder, name), Buffer.from(content, "base64"));
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the recorded requests of the official client", () => {
  for (const recorded of cases) {
    const { name } = recorded;
    const { why } = DIFFERENT[name] ?? {};
    if (!NOT_HERE.has(name)) test(why ? `${name}: ${why}` : name, () => check(recorded));
  }

  test("all 322 are there, and every one that is named here exists", () => {
    expect(cases).toHaveLength(322);
    const names = cases.map((row) => row.name);
    for (const name of [...NOT_HERE.keys(), ...Object.keys({ ...INSTEAD, ...DIFFERENT })])
      expect(names).toContain(name);
  });
});

async function check(recorded: Case): Promise<void> {
  const { client, name } = recorded;
  // A constructor of ours cannot wait, so it sends nothing; connect() does.
  const shakesHands = recorded.call.method === "__init__" && client.connect !== false;
  const call = shakesHands ? { method: "connect" } : recorded.call;
  const different = DIFFERENT[name];
  const asksInfo = ["info", "connect"].includes(call.method);
  const exchanges = exchangesOf(recorded)
    .filter(({ request }) => asksInfo || !asksForInfo(request))
    .slice(0, different?.sends);
  await using site = await Recorder.open(
    (_request, index) => {
      const { status, headers, body } = (exchanges[index] ?? UNEXPECTED).response;
      return { status, headers: here(headers, site), body: here(fillElided(body), site) };
    },
    { info: asksInfo ? null : siteInfo(recorded) },
  );
  await using made = connect(siteUrl(site, client), clientOptions(recorded));
  if (client.close_first) await made.sg.close();
  if (client.reset_user_agent) made.sg.resetUserAgent();

  expect(isKnown(call), `${call.method} is not known here`).toBe(true);
  const parts = client.multipart_chunk_size ? { part_bytes: client.multipart_chunk_size } : {};
  // Without conversion the official client's dates have the clock of the site, which is UTC.
  const zone = client.convert_datetimes_to_utc === false ? "Z" : undefined;
  const ours = ourCall(made.sg, call, {
    replace: (text) => here(text.replaceAll("fixtures/", `${folder}/`), site),
    instead: { ...parts, ...INSTEAD[name] },
    zone,
  });
  const { exception, value } = recorded.client_result;
  const outcome = await settled(ours);

  expect(site.requests.map(bodyOf)).toEqual(
    exchanges.map(({ request }) => here(expectedBody(request.body), site)),
  );
  for (const [index, { request }] of exchanges.entries())
    compareHeads(site.requests[index]!, request, client);
  if (different) expect(outcome).toEqual(different.outcome);
  else if (exception) compareError(outcome, exception, exchanges.length > 0);
  else if (recorded.call.method !== "__init__")
    compareValue(call.method, outcome, here(fromPython(value, zone), site));
}

/** What a call gives or throws. */
async function settled(call: () => unknown): Promise<unknown> {
  try {
    return await call();
  } catch (error) {
    return error;
  }
}

function compareHeads(sent: Received, recorded: Exchange["request"], client: Case["client"]): void {
  expect([sent.method, sent.path]).toEqual([recorded.method, recorded.path]);
  const isCall = recorded.path.endsWith("/api3/json");
  const names = isCall
    ? ["content-type", "connection", "accept-encoding", "authorization", "locale"]
    : ["authorization"];
  for (const name of names) expect(sent.headers[name], name).toBe(recorded.headers[name]);
  if (recorded.method === "PUT") {
    for (const name of ["content-type", "content-length"])
      expect(sent.headers[name]).toBe(recorded.headers[name]);
  }
  const additions = client.reset_user_agent
    ? ""
    : (recorded.headers["user-agent"]?.split("<OPENSSL>")[1] ?? "");
  // The storage is not the site, and is not told who comes.
  const agent =
    recorded.method === "PUT" ? undefined : expect.stringMatching(/^callsheet-json; Node [\d.]+ \(\w+\)/);
  expect(sent.headers["user-agent"]).toEqual(agent);
  if (agent) expect(sent.headers["user-agent"]?.replace(/^.*?\)/, "")).toBe(additions);
}

function compareValue(method: string, ours: unknown, theirs: unknown): void {
  if (method === "server_caps") {
    expect(ours).toEqual({ host: expect.stringContaining("127.0.0.1:"), version: [8, 80, 0], isDev: false });
  } else if (ours instanceof Uint8Array) {
    expect(Buffer.from(ours)).toEqual(theirs);
  } else expect(ours ?? null).toEqual(theirs);
}

function compareError(error: unknown, recorded: { class: string; message: string }, sent: boolean) {
  expect(error).toBeInstanceOf(ShotgunError);
  if (!sent) {
    const Expected = recorded.message.includes("requires server version") ? SiteTooOldError : ArgumentError;
    expect(error).toBeInstanceOf(Expected);
    expect(error).toMatchObject({ attempts: 0, status: null, retriable: false });
    return;
  }
  expect(error).toMatchObject({ attempts: 1, status: 200 });
  if (recorded.class === "IndexError") return expect(error).toBeInstanceOf(ReplyError);
  const name = { ShotgunError: "Fault", ShotgunThumbnailNotReady: "ThumbnailNotReadyError" }[recorded.class];
  expect((error as Error).name).toBe(name ?? recorded.class);
  // Theirs wraps what the site said in sentences of its own, where it came over a form.
  if (name === undefined) expect((error as Error).message).toBe(recorded.message);
  else expect(recorded.message).toContain((error as Error).message);
}

function siteUrl(site: Recorder, client: Case["client"]): string {
  const user = client.url_auth === undefined ? "" : `${client.url_auth}@`;
  return `http://${user}127.0.0.1:${site.port}${client.url_suffix ?? ""}`;
}

const PERSON = { login: "jane", password: "secret" };

function credentials({ auth, script_name, api_key }: Case["client"]): Partial<ShotgunOptions> {
  if (auth === "user") return PERSON;
  if (auth === "2fa") return { ...PERSON, authToken: "123456" };
  if (auth === "session") return { sessionToken: "tok-123" };
  return {
    scriptName: String(script_name ?? "test script name"),
    scriptKey: String(api_key ?? "test script api key"),
  };
}

function clientOptions({ client, env }: Case): Partial<ShotgunOptions> {
  return {
    ...credentials(client),
    ...(client.sudo_as_login ? { sudoAsLogin: String(client.sudo_as_login) } : {}),
    ...(client.extra_auth_params
      ? { extraAuthParams: client.extra_auth_params as Record<string, string> }
      : {}),
    ...(client.session_uuid ? { sessionUuid: String(client.session_uuid) } : {}),
    ...(client.user_agents ? { userAgent: client.user_agents as string[] } : {}),
    ...(client.localized ? { localized: true } : {}),
    ...(env?.SHOTGUN_API_DISABLE_ENTITY_OPTIMIZATION ? { slimEntities: false } : {}),
  };
}
