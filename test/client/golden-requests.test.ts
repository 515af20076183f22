/** What the official client sent and got, recorded call by call, against ours. */
import { ArgumentError, type ShotgunOptions, SiteTooOldError } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { connect, rejection } from "./connect.ts";
import { fromPython, ourCall, type RecordedCall, readCases } from "./python.ts";
import { Recorder } from "./recorder.ts";

interface Exchange {
  request: { method: string; path: string; headers: Record<string, string>; body: unknown };
  response: { status: number; headers: Record<string, string>; body: unknown };
}

interface Case {
  name: string;
  group: string;
  client: Record<string, unknown>;
  env?: Record<string, string>;
  call: RecordedCall;
  request: Exchange["request"] | null;
  canned_response?: Exchange["response"];
  exchanges?: Exchange[];
  client_result: { value?: unknown; exception?: { class: string; message: string } };
}

/** Methods that come with the complete client, by group. */
const LATER_GROUPS = new Map(
  Object.entries({
    upload: "uploads and thumbnails come with the complete client",
    download: "downloads come with the complete client",
    follow: "follow, unfollow, followers and following come with the complete client",
    schedule: "work schedules come with the complete client",
    search: "text search comes with the complete client",
    project: "last accessed projects come with the complete client",
    notes: "note threads come with the complete client",
    nav: "navigation comes with the complete client",
    stream: "activity streams come with the complete client",
    export: "page export comes with the complete client",
    prefs: "preferences and subscriptions come with the complete client",
  }),
);

/** Single cases of the other groups that come with the complete client. */
const LATER: [RegExp, string][] = [
  [/^auth_(user|session_token|sudo|two_factor)|_extra_auth/, "other credentials than a script's"],
  [/^(authenticate_human_user|get_session_token)/, "people's log-in"],
  [/^schema_field_(create|update|delete)/, "changing the schema"],
  [/^(create_with_|update_image_only|update_image_and|update_filmstrip)/, "thumbnails"],
];

/** Where ours differs on purpose. */
const DIFFERENT = new Map(
  Object.entries({
    constructor_handshake: "nothing is sent before the first call",
    connect_method: "there is nothing to connect before the first call",
    server_info_property: "info() is the one way to ask",
    server_caps_property: "info() is the one way to ask",
    info_user_agent_reset: "additions to the user agent are given once, at construction",
    schema_deprecated: "not a method here",
    entity_types_deprecated: "not a method here",
    find_server_3_2_no_image_urls: "fails in the official client too; sites of 2012",
    find_result_no_convert: "a Date is a moment, there is no wall clock mode",
    filter_is_datetime_no_convert: "a Date is a moment, there is no wall clock mode",
    update_tuple_value_not_stripped: "JavaScript has no tuples",
    batch_not_a_list: "JavaScript has no tuples",
    batch_update_mode_singular_key: "refused: a misspelling that would silently replace a list",
  }),
);

const cases = readCases<Case>("requests.jsonl");

function reasonToSkip({ name, group }: Case): string | undefined {
  return LATER_GROUPS.get(group) ?? DIFFERENT.get(name) ?? LATER.find(([names]) => names.test(name))?.[1];
}

describe("the recorded requests of the official client", () => {
  for (const recorded of cases) {
    const reason = reasonToSkip(recorded);
    if (reason === undefined) test(recorded.name, () => check(recorded));
  }

  test("every case that is left out exists, and most of the methods here are covered", () => {
    const left = cases.filter(reasonToSkip);
    for (const name of DIFFERENT.keys()) expect(cases.map((row) => row.name)).toContain(name);
    for (const [names] of LATER) expect(left.some((row) => names.test(row.name))).toBe(true);
    expect(cases.length - left.length).toBeGreaterThanOrEqual(180);
  });
});

async function check(recorded: Case): Promise<void> {
  const { request, canned_response: response } = recorded;
  const single = request && response ? [{ request, response }] : [];
  const exchanges = recorded.exchanges ?? single;
  const asksInfo = recorded.call.method === "info";
  await using site = await Recorder.open(
    (_request, index) => {
      const { status, headers, body } = exchanges[index]!.response;
      return { status, headers, body: fillElided(body) };
    },
    { info: asksInfo ? null : siteInfo(recorded) },
  );
  await using client = connect(siteUrl(site, recorded.client), clientOptions(recorded));
  if (recorded.client.close_first) await client.sg.close();

  const call = ourCall(client.sg, recorded.call);
  expect(call, `${recorded.call.method} is not known here`).not.toBeNull();
  const { exception, value } = recorded.client_result;
  const outcome = exception ? await rejection(Promise.resolve().then(call)) : await call!();

  expect(site.requests.map((sent) => sent.body)).toEqual(exchanges.map(({ request }) => request.body));
  for (const [index, { request }] of exchanges.entries()) compareHeads(site.requests[index]!, request);
  if (exception) compareError(outcome, exception, exchanges.length > 0);
  else if (recorded.call.method !== "__init__") expect(outcome).toEqual(fromPython(value));
}

function compareHeads(sent: Recorder["requests"][number], recorded: Exchange["request"]): void {
  expect([sent.method, sent.path]).toEqual([recorded.method, recorded.path]);
  for (const name of ["content-type", "connection", "accept-encoding", "authorization", "locale"]) {
    expect(sent.headers[name], name).toBe(recorded.headers[name]);
  }
  const additions = recorded.headers["user-agent"]?.split("<OPENSSL>")[1] ?? "";
  expect(sent.headers["user-agent"]?.endsWith(additions)).toBe(true);
}

function compareError(
  error: unknown,
  { class: name, message }: { class: string; message: string },
  sent: boolean,
) {
  if (sent)
    return expect(error).toMatchObject({ name, message, code: "SITE_FAULT", attempts: 1, status: 200 });
  const Expected = message.includes("requires server version") ? SiteTooOldError : ArgumentError;
  expect(error).toBeInstanceOf(Expected);
  expect(error).toMatchObject({ attempts: 0, status: null, retriable: false });
}

const INFO = cases.find((row) => row.name === "info")!.canned_response!.body as Record<string, unknown>;

function siteInfo({ client }: Case): unknown {
  return { ...INFO, ...(client.server_info as object | undefined) };
}

function siteUrl(site: Recorder, client: Case["client"]): string {
  const user = client.url_auth === undefined ? "" : `${client.url_auth}@`;
  return `http://${user}127.0.0.1:${site.port}${client.url_suffix ?? ""}`;
}

function clientOptions({ client, env }: Case): Partial<ShotgunOptions> {
  return {
    scriptName: String(client.script_name ?? "test script name"),
    scriptKey: String(client.api_key ?? "test script api key"),
    ...(client.session_uuid ? { sessionUuid: String(client.session_uuid) } : {}),
    ...(client.user_agents ? { userAgent: client.user_agents as string[] } : {}),
    ...(client.localized ? { localized: true } : {}),
    ...(env?.SHOTGUN_API_DISABLE_ENTITY_OPTIMIZATION ? { slimEntities: false } : {}),
  };
}

// Replies of hundreds of records are stored shortened.
function fillElided(body: unknown): unknown {
  return JSON.stringify(body).includes("$elided") ? fromPython(body) : body;
}
