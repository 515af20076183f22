/** Whatever is asked: never a status of 500 or more, never a stack, always JSON. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { until } from "../daemon/rig.ts";
import { CHANGE, notes, recorder, twoCallbacks } from "../daemon/whole.ts";
import { servedDaemon } from "./rig.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 300);

const segment = fc.oneof(
  fc.constantFrom(
    "status",
    "plugins",
    "events",
    "failures",
    "gaps",
    "actions",
    "session",
    "replays",
    "live2",
    "openapi.json",
  ),
  fc.constantFrom(
    "good",
    "bad",
    "1",
    "-1",
    "0",
    "9007199254740993",
    "1e3",
    "..",
    "%00",
    "%",
    "%E0%A4%A",
    "__proto__",
  ),
  fc.constantFrom(
    "pause",
    "resume",
    "retry",
    "reload",
    "skip",
    "rewind",
    "forward",
    "replays",
    "stop",
    "constructor",
  ),
  fc.string({ maxLength: 30 }).map(encodeURIComponent),
);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/api/v1/${parts.join("/")}`);
const odd = fc.oneof(
  fc.constantFrom(
    "",
    "0",
    "-1",
    "1.5",
    "NaN",
    "1e309",
    "Shot:42",
    "Shot:",
    "*".repeat(50),
    "(((",
    "2026-11-01",
    "end",
  ),
  fc.string({ maxLength: 40 }),
);
const name = fc.constantFrom(
  "limit",
  "before",
  "after",
  "type",
  "entity",
  "project",
  "user",
  "x",
  "__proto__",
);
/** A beginning that may be right, since chance alone hardly makes one. */
const replayBody = fc.record(
  {
    fromId: fc.oneof(fc.integer({ min: -1, max: 9 }), fc.maxSafeInteger()),
    toId: fc.integer({ min: -1, max: 9 }),
    toTime: fc.constantFrom("2026-11-01T00:00:00Z", "2026-13-01", ""),
    dryRun: fc.constantFrom(true, false, "yes"),
    keepGoing: fc.boolean(),
    plan: fc.boolean(),
    why: fc.constantFrom("", "a test", "\u0000"),
  },
  { requiredKeys: ["fromId"] },
);
const query = fc
  .array(fc.tuple(name, odd), { maxLength: 4 })
  .map((pairs) => (pairs.length > 0 ? `?${new URLSearchParams(pairs)}` : ""));
const field = fc.constantFrom(
  "by",
  "why",
  "eventId",
  "time",
  "end",
  "expected",
  "dryRun",
  "fromId",
  "fromTime",
  "toId",
  "keepGoing",
  "plan",
  "token",
  "__proto__",
  "x",
);
const body = fc.oneof(
  fc.dictionary(field, fc.oneof(fc.jsonValue(), odd, fc.integer())).map((value) => JSON.stringify(value)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  replayBody.map((value) => JSON.stringify(value)),
  fc.string(),
  fc.constantFrom("", "{", "[".repeat(10_000), '{"__proto__":{"by":1}}', '{"constructor":{"prototype":1}}'),
);
const type = fc.constantFrom(
  "application/json",
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data",
  "x",
);

it("answers every request with a sentence", async () => {
  const { sandbox, folder, daemon } = await servedDaemon({
    "good.ts": recorder("good"),
    "bad.ts": twoCallbacks(true),
  });
  sandbox.site.events.add([CHANGE, CHANGE]);
  await until(() => notes(folder, "good").length === 2);
  const requests = fc.oneof(
    fc.record({ method: fc.constant("GET"), path, query }),
    fc.record({
      method: fc.constantFrom("POST", "DELETE", "PUT", "PATCH"),
      path: fc.oneof(
        path,
        fc.constantFrom(
          "/webhooks/fpt",
          "/api/v1/plugins/bad/rewind",
          "/api/v1/plugins/bad/skip",
          "/api/v1/plugins/good/replays",
          "/api/v1/replays/1/resume",
        ),
      ),
      query,
      body,
      type,
    }),
  );
  await fc.assert(
    fc.asyncProperty(requests, async (one) => {
      const init: RequestInit = { method: one.method, headers: { "x-callsheet": "fuzz" } };
      if ("body" in one)
        Object.assign(init, { body: one.body, headers: { "x-callsheet": "f", "content-type": one.type } });
      const response = await fetch(`${daemon.url}${one.path}${one.query}`, init);
      const text = await response.text();
      expect(response.status, text).toBeLessThan(500);
      if (response.status >= 400) {
        expect(text).not.toMatch(/\\n\s+at |node_modules|\.ts:\d/);
        expect(Object.keys(JSON.parse(text).error)).toEqual(["code", "message", "hint"]);
        expect(JSON.parse(text).error.message.length).toBeLessThan(5000);
      }
    }),
    { numRuns: RUNS },
  );
  expect((await fetch(`${daemon.url}/healthz`)).status).toBe(200);
}, 120_000);
