/** What the official client sent and got, recorded call by call, against the stand-in in a real python process. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromPython } from "../../client/python.ts";
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
} from "../../client/recorded.ts";
import { type Received, Recorder } from "../../client/recorder.ts";
import { withoutPython } from "../python.ts";
import { StandIn, type StandInCall } from "./driver.ts";

/** Cases that cannot apply, and why. All others run. */
const NOT_HERE = new Map(
  Object.entries({
    find_server_3_2_no_image_urls:
      "fails in the official client too: an endpoint that sites before version 3.3 had",
    update_tuple_value_not_stripped: "a tuple of entities is slimmed as a list is: the site sees the same",
  }),
);

describe.skipIf(withoutPython)("the stand-in sends and returns what the official client does:", () => {
  let standIn: StandIn;

  beforeAll(async () => {
    standIn = await StandIn.open();
    for (const [name, content] of Object.entries(FILES)) {
      await standIn.write(`fixtures/${name}`, Buffer.from(content, "base64"));
    }
  });

  afterAll(() => standIn.close());

  for (const recorded of recordedRequests) {
    if (NOT_HERE.has(recorded.name)) continue;
    test(recorded.name, () => check(standIn, recorded));
  }

  test("all 322 are there, and every one that is left out exists", () => {
    expect(recordedRequests).toHaveLength(322);
    for (const name of NOT_HERE.keys()) expect(recordedRequests.map((row) => row.name)).toContain(name);
  });
});

async function check(standIn: StandIn, recorded: Case): Promise<void> {
  const { call, client } = recorded;
  const asksInfo = ["info", "connect"].includes(call.method) || client.connect === true;
  const exchanges = exchangesOf(recorded).filter(({ request }) => asksInfo || !asksForInfo(request));
  await using site = await Recorder.open(
    (_request, index) => {
      const { status, headers, body } = (exchanges[index] ?? UNEXPECTED).response;
      return { status, headers: here(headers, site), body: here(fillElided(body), site) };
    },
    { info: asksInfo ? null : siteInfo(recorded) },
  );
  const outcome = await standIn.call(callOf(recorded, site, standIn.folder));
  const { exception, value } = recorded.client_result;
  if (exception) {
    expect(outcome.exception).toMatchObject(onSite(exception, site, standIn.folder) as object);
  } else {
    expect(outcome.exception).toBeUndefined();
    if (call.method !== "__init__") expect(outcome.value).toEqual(expectedValue(call.method, value, site));
  }
  expect(site.requests.map(bodyOf)).toEqual(
    exchanges.map(({ request }) => here(expectedBody(request.body), site)),
  );
  for (const [index, { request }] of exchanges.entries())
    compareHeads(site.requests[index]!, request, client);
  expect(outcome.pauses).toEqual([]);
}

function callOf({ call, client, env }: Case, site: Recorder, folder: string): StandInCall {
  const user = client.url_auth === undefined ? "" : `${client.url_auth}@`;
  const url = `http://${user}127.0.0.1:${site.port}${client.url_suffix ?? ""}`;
  const before: [string, unknown[]][] = [];
  if (client.close_first) before.push(["close", []]);
  if (client.session_uuid) before.push(["set_session_uuid", [client.session_uuid]]);
  for (const agent of (client.user_agents as string[] | undefined) ?? [])
    before.push(["add_user_agent", [agent]]);
  if (client.reset_user_agent) before.push(["reset_user_agent", []]);
  const config: Record<string, unknown> = {};
  for (const name of ["localized", "extra_auth_params"]) if (name in client) config[name] = client[name];
  const { multipart_chunk_size: partBytes } = client;
  const { method, args, kwargs } = onSite(call, site, folder) as typeof call;
  return {
    construct: { args: [url], kwargs: credentials(client) },
    method,
    ...(args && { args }),
    ...(kwargs && { kwargs }),
    config,
    before,
    ...(env && { env }),
    ...(partBytes ? { part_bytes: Number(partBytes) } : {}),
  };
}

function credentials(client: Case["client"]): Record<string, unknown> {
  const kwargs: Record<string, unknown> = { connect: client.connect === true };
  for (const name of ["sudo_as_login", "convert_datetimes_to_utc"])
    if (name in client) kwargs[name] = client[name];
  const person = { login: "jane", password: "secret" };
  if (client.auth === "user") return { ...kwargs, ...person };
  if (client.auth === "2fa") return { ...kwargs, ...person, auth_token: "123456" };
  if (client.auth === "session") return { ...kwargs, session_token: "tok-123" };
  const { script_name = "test script name", api_key = "test script api key" } = client;
  return { ...kwargs, script_name, api_key };
}

/** The site and the files of the recording are where ours are. */
function onSite(value: unknown, site: Recorder, folder: string): unknown {
  const text = JSON.stringify(here(value, site));
  return JSON.parse(text.replaceAll("fixtures/", `${folder}/fixtures/`));
}

function expectedValue(method: string, value: unknown, site: Recorder): unknown {
  if (method === "server_caps") return String(value).replace("site.example", `127.0.0.1:${site.port}`);
  // long lists of records are stored shortened
  const full = JSON.stringify(value ?? null).includes("$elided") ? fromPython(value) : value;
  return here(full ?? null, site);
}

function compareHeads(sent: Received, recorded: Exchange["request"], client: Case["client"]): void {
  expect([sent.method, sent.path]).toEqual([recorded.method, recorded.path]);
  const isCall = recorded.path.endsWith("/api3/json");
  const names = isCall
    ? ["content-type", "connection", "accept-encoding", "authorization", "locale"]
    : ["authorization"];
  if (recorded.method === "PUT") names.push("content-type", "content-length");
  for (const name of names) expect(sent.headers[name], name).toBe(recorded.headers[name]);
  // The storage is not the site, and is not told who comes.
  if (recorded.method === "PUT") {
    expect(sent.headers["user-agent"]).toBeUndefined();
    return;
  }
  const agents = client.reset_user_agent
    ? []
    : ((isCall ? client.user_agents : undefined) as string[] | undefined);
  const [own, ...added] = sent.headers["user-agent"]!.split("; ").slice(1);
  expect(own).toMatch(/^Python 3\.\d+ \(\w+\)$/);
  expect(added).toEqual(agents ?? []);
}
