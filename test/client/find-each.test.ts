import { type FindOptions, openHttpTransport, Shotgun, type Transport } from "callsheet/client";
import { expect, onTestFinished, test } from "vitest";
import { openSandbox } from "../../src/sandbox/open.ts";
import { connect, rejection } from "./connect.ts";
import { page, Recorder } from "./recorder.ts";

const shots = (first: number, count: number) =>
  Array.from({ length: count }, (_, index) => ({ type: "Shot", id: first + index }));

/** A site with three pages of two shots. */
const threePages = () => Recorder.open((_request, index) => page(shots(1 + index * 2, 2), index < 2));

test("findEach gives every record, and asks for a page when the one before is used up", async () => {
  await using site = await threePages();
  await using client = connect(site.url);
  const seen: [number, number][] = [];
  for await (const shot of client.sg.findEach("Shot", [["code", "contains", "sh"]]))
    seen.push([shot.id, site.requests.length]);
  expect(seen).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [6, 3],
  ]);
  const first = { path: "code", relation: "contains", values: ["sh"] };
  const beyond = (id: number) => ({ path: "id", relation: "greater_than", values: [id] });
  expect(site.requests.map((_, index) => site.payload(index))).toMatchObject(
    [[first], [first, beyond(2)], [first, beyond(4)]].map((conditions) => ({
      filters: { logical_operator: "and", conditions },
      sorts: [{ field_name: "id", direction: "asc" }],
      paging: { current_page: 1 },
    })),
  );
});

test("filters of which any may match stay together, and the ids may go down", async () => {
  await using site = await Recorder.open((_request, index) =>
    page(shots(5 - index * 2, 2).reverse(), index < 2),
  );
  await using client = connect(site.url);
  const options = { filterOperator: "any", order: [{ field_name: "id", direction: "desc" }] } as const;
  for await (const _ of client.sg.findEach("Shot", [["code", "is", "a"]], [], options));
  const given = { logical_operator: "or", conditions: [{ path: "code", relation: "is", values: ["a"] }] };
  expect(site.payload(0).filters).toEqual(given);
  expect(site.payload(1).filters).toEqual({
    logical_operator: "and",
    conditions: [given, { path: "id", relation: "less_than", values: [5] }],
  });
});

test.each<[string, FindOptions]>([
  ["another order", { order: [{ field_name: "code" }] }],
  ["a second key", { order: [{ field_name: "id" }, { field_name: "code" }] }],
  ["a preset", { additionalFilterPresets: [{ preset_name: "LATEST" }] }],
])("with %s the pages go by number", async (_name, options) => {
  await using site = await threePages();
  await using client = connect(site.url);
  for await (const _ of client.sg.findEach("Shot", [], [], options));
  expect(site.requests.map((_, index) => site.payload(index).paging)).toMatchObject(
    [1, 2, 3].map((current_page) => ({ current_page })),
  );
});

test("a loop that deletes what it is given, and sees others made, misses none", async () => {
  await using site = await openSandbox();
  const { scriptName, scriptKey } = site;
  await using sg = new Shotgun(site.url, { scriptName, scriptKey, transport: smallPages(site.url, 3) });
  const project = await sg.create("Project", { name: "film" });
  const make = (code: string) => sg.create("Shot", { project, code });
  for (let n = 1; n <= 8; n++) await make(`sh0${n}`);
  const seen: unknown[] = [];
  for await (const shot of sg.findEach("Shot", [["project", "is", project]], ["code"])) {
    seen.push(shot.code);
    await sg.delete("Shot", shot.id);
    if (seen.length === 4) await make("sh09");
  }
  expect(seen).toEqual(["sh01", "sh02", "sh03", "sh04", "sh05", "sh06", "sh07", "sh08", "sh09"]);
});

/** Requests go to the site, which seems to give so many records in a page. */
function smallPages(url: string, size: number): Transport {
  const http = openHttpTransport();
  onTestFinished(() => http.close());
  return {
    ...http,
    send: async (request, options) => {
      const reply = await http.send(request, options);
      if (request.url !== `${url}/api3/json` || !String(request.body).includes('"info"')) return reply;
      const info = { ...JSON.parse(Buffer.from(reply.body).toString()), api_max_entities_per_page: size };
      return { ...reply, body: Buffer.from(JSON.stringify(info)) };
    },
  };
}

test("a loop that is left asks for no more", async () => {
  await using site = await threePages();
  await using client = connect(site.url);
  for await (const shot of client.sg.findEach("Shot", [])) if (shot.id === 2) break;
  expect(site.requests).toHaveLength(1);
});

test("limit ends it within a page", async () => {
  await using site = await Recorder.open((_request, index) => page(shots(1 + index * 2, 2), true), {
    info: { version: [8, 80, 0], api_max_entities_per_page: 2 },
  });
  await using client = connect(site.url);
  const ids: number[] = [];
  for await (const shot of client.sg.findEach("Shot", [], [], { limit: 3 })) ids.push(shot.id);
  expect(ids).toEqual([1, 2, 3]);
  expect(site.requests).toHaveLength(2);
});

test("what fails later is thrown where the loop is, with the method's name", async () => {
  await using site = await Recorder.open((_request, index) =>
    index === 0 ? page(shots(1, 2), true) : { status: 500 },
  );
  await using client = connect(site.url);
  const seen: number[] = [];
  const loop = async () => {
    for await (const shot of client.sg.findEach("Shot", [])) seen.push(shot.id);
  };
  expect(await rejection(loop())).toMatchObject({
    code: "SITE_PROTOCOL",
    method: "findEach",
    entityType: "Shot",
  });
  expect(seen).toEqual([1, 2]);
});

test("it can be aborted within a page, also within the last one", async () => {
  await using site = await Recorder.open(() => page(shots(1, 3)));
  await using client = connect(site.url);
  const abort = new AbortController();
  const seen: number[] = [];
  const loop = async () => {
    for await (const { id } of client.sg.findEach("Shot", [], [], { signal: abort.signal })) {
      seen.push(id);
      if (id === 2) abort.abort(new Error("enough"));
    }
  };
  expect(await rejection(loop())).toMatchObject({ code: "SITE_ABORTED", cause: { message: "enough" } });
  expect(seen).toEqual([1, 2]);
});

test("a site that gives the same page for ever is not asked for ever", async () => {
  await using site = await Recorder.open(() => page(shots(1, 2), true));
  await using client = connect(site.url);
  const loop = async () => {
    for await (const _ of client.sg.findEach("Shot", []));
  };
  expect(await rejection(loop())).toMatchObject({ code: "SITE_REPLY", method: "findEach" });
  expect(site.requests).toHaveLength(2);
});

test("a limit that fits into a page is one request, also when there is less", async () => {
  await using site = await Recorder.open(() => ({ body: { results: { entities: shots(1, 2) } } }));
  await using client = connect(site.url);
  const ids: number[] = [];
  for await (const { id } of client.sg.findEach("Shot", [], [], { limit: 5 })) ids.push(id);
  expect(ids).toEqual([1, 2]);
  expect(site.payload()).toMatchObject({
    paging: { entities_per_page: 5 },
    return_paging_info_without_counts: false,
  });
});

test("it can be aborted between pages, and wrong arguments are told before anything is sent", async () => {
  await using site = await threePages();
  await using client = connect(site.url);
  const abort = new AbortController();
  const loop = async () => {
    for await (const _ of client.sg.findEach("Shot", [], [], { signal: abort.signal })) abort.abort();
  };
  expect(await rejection(loop())).toMatchObject({ code: "SITE_ABORTED" });
  expect(site.requests).toHaveLength(1);
  const wrong = client.sg.findEach("Shot", [], [], { limit: -1 }).next();
  expect(await rejection(wrong)).toMatchObject({ code: "SITE_ARGUMENT", attempts: 0 });
});
