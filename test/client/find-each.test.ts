import { expect, test } from "vitest";
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
  for await (const shot of client.sg.findEach("Shot", [])) seen.push([shot.id, site.requests.length]);
  expect(seen).toEqual([
    [1, 1],
    [2, 1],
    [3, 2],
    [4, 2],
    [5, 3],
    [6, 3],
  ]);
  expect(site.requests.map((_, index) => site.payload(index).paging)).toMatchObject(
    [1, 2, 3].map((current_page) => ({ current_page })),
  );
});

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
