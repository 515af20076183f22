/** Replies that are not what they should be. */
import { describe, expect, test } from "vitest";
import { readReply } from "../../src/client/reply.ts";
import { connect, rejection } from "./connect.ts";
import { page, Recorder, type Scripted } from "./recorder.ts";

async function errorFor(
  reply: Scripted,
  call: "find" | "delete" | "create" | "batch" = "find",
): Promise<unknown> {
  await using site = await Recorder.open(() => reply);
  await using client = connect(site.url);
  const { sg } = client;
  const calls = {
    find: () => sg.find("Shot", []),
    delete: () => sg.delete("Shot", 1),
    create: () => sg.create("Shot", {}),
    batch: () => sg.batch([{ request_type: "delete", entity_type: "Shot", entity_id: 1 }]),
  };
  return await rejection(calls[call]());
}

const json = { "content-type": "application/json" };

test("truncated JSON: the sentence says what arrived", async () => {
  const error = await errorFor({ headers: json, body: '{"results": {"entities": [{"ty' });
  expect(error).toMatchObject({
    code: "SITE_REPLY",
    message:
      "The site answered find Shot with HTTP 200 and application/json that is not valid JSON; " +
      '30 bytes arrived, beginning with "{\\"results\\": {\\"entities\\": [{\\"ty".',
    hint: "The reply may have been cut short or changed on its way.",
  });
});

test("a log-in page with status 200: the sentence says so", async () => {
  const body = `<!DOCTYPE html><html><title>Log in</title>${"x".repeat(500)}</html>`;
  const error = await errorFor({ headers: { "content-type": "text/html; charset=utf-8" }, body });
  expect(error).toMatchObject({ code: "SITE_REPLY", status: 200, attempts: 1 });
  const { message, hint } = error as { message: string; hint: string };
  expect(message).toContain("with HTTP 200 and text/html; charset=utf-8 instead of JSON");
  expect(message).toContain('beginning with "<!DOCTYPE html><html><title>Log in</title>');
  expect(message.length).toBeLessThan(300);
  expect(hint).toMatch(/web page/);
});

test("an empty reply", async () => {
  expect(await errorFor({ status: 204, headers: {}, body: "" }, "delete")).toMatchObject({
    code: "SITE_REPLY",
    status: 204,
    uncertain: true,
  });
});

test.each([301, 302, 303, 307, 308])("a redirect, HTTP %i, is not followed but told", async (status) => {
  const error = await errorFor({ status, headers: { location: "https://elsewhere.example/" } }, "delete");
  expect(error).toMatchObject({
    code: "SITE_PROTOCOL",
    status,
    attempts: 1,
    retriable: false,
    uncertain: false,
  });
  expect((error as { hint: string }).hint).toContain('"https://elsewhere.example/"');
});

describe("replies of the wrong shape", () => {
  test.each<[string, "find" | "delete" | "create" | "batch", unknown]>([
    ["find without entities", "find", { results: { paging_info: { has_next_page: false } } }],
    ["find with entities that are no list", "find", { results: { entities: {} } }],
    ["find with an entity that is no record", "find", { results: { entities: [{ type: "Shot" }] } }],
    ["find with null", "find", { results: null }],
    ["delete without results", "delete", { foo: 1 }],
    ["delete with a list", "delete", [1, 2]],
    ["delete with null", "delete", { results: null }],
    ["create with nothing", "create", { results: null }],
    [
      "create with two records",
      "create",
      {
        results: [
          { type: "Shot", id: 1 },
          { type: "Shot", id: 2 },
        ],
      },
    ],
    ["create without an id", "create", { results: { type: "Shot" } }],
    ["batch with too few", "batch", { results: [] }],
    ["batch with an object", "batch", { results: {} }],
  ])("%s", async (_name, call, body) => {
    const error = await errorFor({ body }, call);
    expect(error).toMatchObject({
      code: "SITE_REPLY",
      method: call,
      status: 200,
      uncertain: call !== "find",
    });
    expect((error as Error).message).toMatch(/^The site answered \w+/);
  });
});

test("paging without has_next_page is an error, not the end", async () => {
  const record = { type: "Shot", id: 1 };
  const error = await errorFor({ body: { results: { entities: [record], paging_info: {} } } });
  expect(error).toMatchObject({ code: "SITE_REPLY", hint: expect.stringContaining("has_next_page") });
});

test("an empty page ends the walk even when the site claims another", async () => {
  await using site = await Recorder.open((_request, index) =>
    page(index < 2 ? [{ type: "Shot", id: index }] : [], true),
  );
  await using client = connect(site.url);
  expect(await client.sg.find("Shot", [])).toHaveLength(2);
  expect(site.requests).toHaveLength(3);
});

test("results are optional; without them the whole JSON counts", () => {
  const read = (body: string) =>
    readReply(
      { status: 200, statusText: "OK", headers: {}, body: new TextEncoder().encode(body) },
      {
        facts: { method: "x", entityType: null, entityId: null, status: 200, attempts: 1, requestId: null },
        write: false,
        hide: (text) => text,
      },
    );
  expect(read('{"foo": 1}')).toEqual({ foo: 1 });
  expect(read("[1, 2]")).toEqual([1, 2]);
  expect(read('{"results": null, "other": 1}')).toBeNull();
  expect(read('{"exception": false, "results": 5}')).toBe(5);
});
