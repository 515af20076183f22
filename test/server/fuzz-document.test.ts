/** Every request that the OpenAPI document describes, with wild values in every place, and wild headers: never a 500, never a stack. */
import { request } from "node:http";
import fc from "fast-check";
import { expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, notes, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

interface Described {
  method: string;
  path: string;
  query: string[];
  /** Names of the body's fields; null: it has none. */
  fields: string[] | null;
}

// biome-ignore lint/suspicious/noExplicitAny: the OpenAPI document, looked into here only
type Document = any;

function requestsOf(document: Document): Described[] {
  return Object.entries<Document>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Document>(methods).map(([method, { parameters = [], requestBody }]) => {
      const shape = requestBody?.content?.["application/json"]?.schema;
      const query = parameters
        .filter((each: Document) => each.in === "query")
        .map((each: Document) => each.name);
      return {
        method: method.toUpperCase(),
        path,
        query,
        fields: shape ? Object.keys(shape.properties ?? {}) : null,
      };
    }),
  );
}

const wild = fc.oneof(
  fc.constantFrom(
    "good",
    "bad",
    "1",
    "0",
    "-1",
    "1e400",
    "2026-11-27T00:00:00Z",
    "2026-13-45",
    "%",
    "\u0000",
    "😀",
    "__proto__",
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.integer().map(String),
);
const wildValue = fc.oneof(wild, fc.jsonValue(), fc.boolean(), fc.integer(), fc.double());
/** What a header can carry over the wire. */
const wildHeader = fc.oneof(
  fc.constantFrom(
    "",
    "null",
    "127.0.0.1",
    "localhost:1",
    "Bearer",
    "Bearer  x",
    "callsheet_token=%E0%A4%A",
    "sha1=0",
    "gzip",
    "a/b; charset=x",
  ),
  fc.string({ maxLength: 60 }).map((text) => text.replace(/[^\x20-\x7e\xa0-\xff]/g, "")),
);
const NAMES = [
  "host",
  "origin",
  "cookie",
  "authorization",
  "sec-fetch-site",
  "x-sg-signature",
  "content-type",
  "accept",
  "accept-encoding",
  "if-none-match",
  "range",
  "x-forwarded-for",
];
const headers = fc.dictionary(fc.constantFrom(...NAMES), wildHeader, { maxKeys: 4 });

function send(
  url: string,
  {
    method,
    path,
    headers,
    body,
  }: { method: string; path: string; headers: Record<string, string>; body: string | null },
) {
  return new Promise<{ status: number; type: string; text: string }>((resolve, reject) => {
    const asked = request(url, { method, path, headers }, (response) => {
      const type = response.headers["content-type"] ?? "";
      let text = "";
      response.on("data", (part: Buffer) => {
        text += part.toString();
        if (type.startsWith("text/event-stream")) response.destroy();
      });
      response.on("close", () => resolve({ status: response.statusCode!, type, text }));
    });
    asked.on("error", reject);
    asked.end(body ?? undefined);
  });
}

it("answers whatever the document describes with what it describes, or with a sentence", async () => {
  const { sandbox, folder, daemon, get, log } = await servedDaemon(
    { "good.ts": recorder("good"), "bad.ts": twoCallbacks(true) },
    { server: { port: 0, webhookSecret: "sesame-open" } },
  );
  sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "good").length === 2);
  const described = requestsOf((await get("/api/v1/openapi.json")).json);
  expect(described.length).toBeGreaterThan(20);
  const one = fc.constantFrom(...described).chain(({ method, path, query, fields }) =>
    fc.record({
      method: fc.constant(method),
      path: fc
        .tuple(
          fc.array(wild, { minLength: 3, maxLength: 3 }),
          fc.dictionary(fc.constantFrom("x", ...query), wild, { maxKeys: 3 }),
        )
        .map(([places, pairs]) => {
          let place = 0;
          const filled = path.replace(/\{\w+\}/g, () =>
            encodeURIComponent(places[place++ % 3]!.toWellFormed()),
          );
          return `${filled}?${new URLSearchParams(Object.entries(pairs).map(([key, value]): [string, string] => [key, value.toWellFormed()]))}`;
        }),
      headers,
      body:
        fields === null
          ? fc.constant(null)
          : fc.oneof(
              fc.dictionary(fc.constantFrom("x", ...fields), wildValue).map((value) => JSON.stringify(value)),
              fc.string(),
            ),
    }),
  );
  await fc.assert(
    fc.asyncProperty(one, async (asked) => {
      const given = {
        "x-callsheet": "fuzz",
        ...(asked.body === null ? {} : { "content-type": "application/json" }),
        ...asked.headers,
      };
      const { status, type, text } = await send(daemon.url!, { ...asked, headers: given });
      // that events do not flow is an answer of /readyz
      if (!asked.path.startsWith("/readyz")) expect(status, text).toBeLessThan(500);
      // the stack of a plugin's failure is an answer; one of ours never is
      expect(text).not.toMatch(/node_modules|src\/server/);
      if (status >= 400 && type.startsWith("application/json") && !asked.path.startsWith("/readyz"))
        expect(JSON.parse(text).error).toEqual({
          code: expect.any(String),
          message: expect.not.stringMatching(/\n\s+at /),
          hint: expect.toSatisfy((hint: unknown) => hint === null || typeof hint === "string"),
        });
    }),
    { numRuns: RUNS },
  );
  expect((await get("/healthz")).status).toBe(200);
  expect(log.lines.filter(({ code }) => code === "INTERNAL")).toEqual([]);
}, 240_000);
