/** Wrong arguments: one sentence, and nothing is sent. */
import { ArgumentError, openHttpTransport, type Shotgun } from "callsheet/client";
import { describe, expect, test } from "vitest";
import { connect, rejection } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

// Plugins run without type checks: anything can come.
type Loose = Record<keyof Shotgun, (...args: unknown[]) => Promise<unknown>>;
const cycle: { self?: unknown } = {};
cycle.self = cycle;

test.each<[string, (sg: Loose) => Promise<unknown>, string]>([
  [
    "no type",
    (sg) => sg.find(undefined, []),
    'the entity type must be a text such as "Shot", got undefined.',
  ],
  [
    "an empty type",
    (sg) => sg.create("", {}),
    'create: the entity type must be a text such as "Shot", got "".',
  ],
  [
    "no id",
    (sg) => sg.update("Shot", undefined, { code: "x" }),
    "update Shot: the id must be a whole number",
  ],
  ["a text as id", (sg) => sg.delete("Shot", "5"), 'delete Shot: the id must be a whole number, got "5".'],
  [
    "undefined in data",
    (sg) => sg.update("Shot", 1, { code: undefined }),
    'data.code is undefined; use null for "empty"',
  ],
  [
    "undefined deep in data",
    (sg) => sg.create("Shot", { meta: { a: [1, undefined] } }),
    "data.meta.a[1] is undefined",
  ],
  [
    "undefined in a filter",
    (sg) => sg.find("Task", [["entity", "is", undefined]]),
    'filters[0], ["entity", "is"], has a value',
  ],
  ["NaN", (sg) => sg.create("Shot", { n: Number.NaN }), "data.n is NaN, which cannot be sent"],
  ["an invalid Date", (sg) => sg.create("Shot", { d: new Date("x") }), "data.d is an invalid Date"],
  [
    "a Date too far away",
    (sg) => sg.create("Shot", { d: new Date(8.64e15) }),
    "data.d is a Date in the year 275760",
  ],
  ["a Map", (sg) => sg.create("Shot", { m: new Map() }), "data.m is a Map, which cannot be sent"],
  ["a Set", (sg) => sg.create("Shot", { m: new Set() }), "data.m is a Set, which cannot be sent"],
  ["bytes", (sg) => sg.create("Shot", { b: Buffer.from("x") }), "data.b is a Buffer, which cannot be sent"],
  ["a function", (sg) => sg.create("Shot", { f: () => {} }), "data.f is a function, which cannot be sent"],
  ["a cycle", (sg) => sg.create("Shot", { c: cycle }), "is nested more than 100 levels deep"],
  ["data that is a list", (sg) => sg.create("Shot", []), "data must be an object of field values, got []"],
  [
    "a thumbnail to upload",
    (sg) => sg.create("Version", { image: "/a.png" }),
    'in data.image, the file "/a.png" cannot be read: ENOENT',
  ],
  [
    "a field list that is a text",
    (sg) => sg.find("Shot", [], "code"),
    'fields must be a list of field names, got "code"',
  ],
  ["filters that are a text", (sg) => sg.find("Shot", "id"), 'filters must be a list, got "id"'],
  [
    "a flat filter",
    (sg) => sg.find("Shot", ["id", "is", 1]),
    'filters[0] must be a list or an object, got "id"',
  ],
  [
    "a filter without relation",
    (sg) => sg.find("Shot", [["id"]]),
    'filters[0] must be [path, relation, value], got ["id"]',
  ],
  ["an empty in", (sg) => sg.find("Shot", [["code", "in", []]]), 'filters[0], ["code", "in"], has no value'],
  [
    "a bad operator inside",
    (sg) => sg.find("Shot", [{ filterOperator: "any", filters: [{ filterOperator: "xor", filters: [] }] }]),
    'filters[0][0] has the filterOperator "xor"; it must be all, any, and or or',
  ],
  [
    "a limit below 0",
    (sg) => sg.find("Shot", [], [], { limit: -1 }),
    "limit must be a whole number of 0 or more, got -1",
  ],
  [
    "a page that is a text",
    (sg) => sg.find("Shot", [], [], { page: "2" }),
    'page must be a whole number of 0 or more, got "2"',
  ],
  [
    "a bad order",
    (sg) => sg.find("Shot", [], [], { order: [{ field: "id" }] }),
    'order[0] must be { field_name, direction: "asc"',
  ],
  [
    "a bad direction",
    (sg) => sg.find("Shot", [], [], { order: [{ field_name: "id", direction: "up" }] }),
    "order[0] must be",
  ],
  ["a batch that is no list", (sg) => sg.batch({}), "batch: requests must be a list, got {}"],
  [
    "a batch item that is nothing",
    (sg) => sg.batch([null]),
    "in requests[0] an object is expected, got null",
  ],
  [
    "a batch of revive",
    (sg) => sg.batch([{ request_type: "revive" }]),
    "in requests[0] the request_type must be create, update or delete",
  ],
  [
    "a misspelt batch key",
    (sg) =>
      sg.batch([
        {
          request_type: "update",
          entity_type: "Shot",
          entity_id: 1,
          data: {},
          multi_entity_update_mode: "add",
        },
      ]),
    '"multi_entity_update_mode" is no key of update: request_type, entity_type, entity_id, data, multi_entity_update_modes',
  ],
  [
    "an option in Python's spelling",
    (sg) => sg.find("Shot", [], ["code"], { retired_only: true }),
    'find Shot: "retired_only" is no option of find: order, filterOperator, retiredOnly,',
  ],
  [
    "Python's order of arguments",
    (sg) => sg.find("Shot", [], ["code"], [{ field_name: "id", direction: "desc" }]),
    'each option of find must be named, like { order: … }, got [{"field_name":"id"',
  ],
  [
    "modes in the place of options",
    (sg) => sg.update("Asset", 1, { shots: [] }, { shots: "add" }),
    '"shots" is no option of update: multiEntityUpdateModes, signal.',
  ],
  [
    "an option of another method",
    (sg) => sg.findOne("Shot", [], [], { limit: 2 }),
    '"limit" is no option of findOne',
  ],
  ["options that are nothing", (sg) => sg.delete("Shot", 1, null), "each option of delete must be named"],
  [
    "a controller as signal",
    (sg) => sg.followers({ type: "Shot", id: 1 }, { signal: new AbortController() }),
    "signal must be an AbortSignal",
  ],
  [
    "a grouping that is no list",
    (sg) => sg.summarize("Shot", [], [], { grouping: "x" }),
    'grouping must be a list, got "x"',
  ],
])("%s", async (_name, call, sentence) => {
  await using site = await Recorder.open(() => page([]));
  await using client = connect(site.url);
  const error = await rejection(call(client.sg as unknown as Loose));
  expect(error).toBeInstanceOf(ArgumentError);
  expect((error as Error).message).toContain(sentence);
  expect((error as Error).message).toMatch(/\.$/);
  expect(error).toMatchObject({ code: "SITE_ARGUMENT", attempts: 0, status: null, retriable: false });
  expect(site.requests.length + site.infos.length).toBe(0);
});

describe("the constructor", () => {
  test.each<[string, string, object, string]>([
    ["no url", undefined as never, {}, "The site's url must be an http or https URL, got undefined."],
    ["a url without scheme", "studio.example", {}, 'got "studio.example"'],
    ["another scheme", "ftp://studio.example", {}, 'got "ftp://studio.example"'],
    ["no script name", "https://x", { scriptName: "" }, "scriptName must be a text that is not empty"],
    ["no script key", "https://x", { scriptKey: undefined }, "scriptName is given without scriptKey"],
    ["a timeout of 0", "https://x", { timeoutMs: 0 }, "timeoutMs must be milliseconds above 0, got 0."],
    [
      "a timeout beyond timers",
      "https://x",
      { timeoutMs: 2 ** 31 },
      "timeoutMs must be milliseconds above 0",
    ],
    ["other dates", "https://x", { dates: "iso" }, 'dates must be "date", "schema" or "string", got "iso".'],
    [
      "Python's spelling",
      "https://x",
      { sudo_as_login: "jane" },
      '"sudo_as_login" is no option of a connection',
    ],
    ["nobody to act for", "https://x", { sudoAsLogin: "" }, "sudoAsLogin must be a text that is not empty"],
    ["an agent with a line end", "https://x", { userAgent: ["a\nb"] }, "userAgent must be a list of texts"],
    [
      "a session uuid that is none",
      "https://x",
      { sessionUuid: 7 },
      "sessionUuid must be a text or null, got 7.",
    ],
    ["a retry that is a number", "https://x", { retry: 3 }, "retry must be an object, got 3."],
    [
      "no attempt at all",
      "https://x",
      { retry: { busyAttempts: 0 } },
      "retry.busyAttempts must be a whole number",
    ],
    ["a retry of another name", "https://x", { retry: { attempts: 3 } }, '"attempts" is no option of retry'],
    ["an agent as transport", "https://x", { transport: {} }, "transport must be a transport, got {}."],
  ])("%s", (_name, url, options, sentence) => {
    expect(() => connect(url, options)).toThrow(sentence);
  });

  test.each<[string, object, string]>([
    ["no connection", { connections: 0 }, "connections must be a whole number of 1 or more, got 0."],
    ["a hold below 0", { busyHoldMs: -1 }, "busyHoldMs must be milliseconds of 0 or more, got -1."],
    ["another name", { proxy: "x" }, '"proxy" is no option of a transport: httpProxy, caCerts,'],
  ])("of a transport refuses %s", (_name, options, sentence) => {
    expect(() => openHttpTransport(options)).toThrow(sentence);
  });

  test("sends nothing, and needs no site", async () => {
    await using site = await Recorder.open(() => ({}));
    await using client = connect(`${site.url.replace("http", "HTTP")}/Studio`);
    expect(client.sg.url).toBe(site.url);
    expect(site.connections).toBe(0);
  });
});

test("what is passed in is never changed", async () => {
  await using site = await Recorder.open(() => page([]));
  await using client = connect(site.url);
  const freeze = <T>(value: T): T => {
    if (typeof value === "object" && value !== null)
      for (const item of Object.values(Object.freeze(value))) freeze(item);
    return value;
  };
  const shot = { type: "Shot", id: 1, extra: "x" };
  const filters = freeze([
    ["entity", "in", [shot]],
    { filterOperator: "any" as const, filters: [["code", "is", "a"]] },
  ]);
  await client.sg.find("Task", filters, freeze(["code"]), freeze({ order: [{ column: "id" }] }));
  await rejection(client.sg.update("Task", 1, freeze({ entity: shot })));
  expect(site.requests).toHaveLength(2);
});
