/** Replies of a site of any shape: the reader gets events by ascending id, or one sentence with a code; nothing else, and nothing hangs. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { siteLog } from "../../src/daemon/site-log.ts";
import { CallsheetError } from "../../src/errors.ts";
import { connect } from "../client/connect.ts";
import { Recorder, type Scripted } from "../client/recorder.ts";

const json = fc.jsonValue({ stringUnit: "binary", maxDepth: 4 });
const id = fc.oneof({ weight: 4, arbitrary: fc.integer({ min: 1, max: 50 }) }, fc.integer(), json);
const row = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record(
      { type: json, id, event_type: json, meta: json, created_at: json },
      { requiredKeys: [] },
    ),
  },
  json,
);
const body = fc.oneof(
  fc.record({
    results: fc.record(
      { entities: fc.array(row, { maxLength: 6 }), paging_info: json },
      { requiredKeys: ["entities"] },
    ),
  }),
  fc.record({ results: json }),
  fc.record({ exception: json, message: json, error_code: json }, { requiredKeys: [] }),
  json,
);
const textOf = fc.oneof(
  { weight: 5, arbitrary: body.map((value) => JSON.stringify(value)) },
  fc.string(),
  body.map((value) => JSON.stringify(value).slice(0, -1)),
  fc.constantFrom(
    "",
    "null",
    "[".repeat(20_000),
    `{"results":{"entities":[{"id":${"9".repeat(400)}}]}}`,
    "\ufeff{}",
  ),
);
const reply: fc.Arbitrary<Scripted> = fc.record({
  status: fc.oneof(
    { weight: 6, arbitrary: fc.constant(200) },
    fc.constantFrom(201, 204, 301, 302, 400, 401, 404, 429, 500, 502, 503),
  ),
  headers: fc.constantFrom<Record<string, string>>(
    {},
    { "content-type": "text/html" },
    { "content-type": "application/json" },
  ),
  body: textOf,
});

test("any reply is events in order, or an error of the site's", { timeout: 120_000 }, async () => {
  let next: Scripted = {};
  await using site = await Recorder.open(() => next);
  await using client = connect(site.url, {
    retry: { gatewayAttempts: 1, tlsAttempts: 1, busyAttempts: 1 },
    dates: "string",
  });
  const log = siteLog(client.sg);
  await fc.assert(
    fc.asyncProperty(reply, async (given) => {
      next = given;
      try {
        const events = await log.read({ after: 0, ranges: [], limit: 500 }, AbortSignal.timeout(20_000));
        const ids = events.map((event) => event.id);
        expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
        for (const event of events) expect(typeof event.event_type).toBe("string");
      } catch (error) {
        expect(error).toBeInstanceOf(CallsheetError);
        expect((error as CallsheetError).code).toMatch(/^SITE_/);
        expect((error as CallsheetError).message.trim()).not.toBe("");
      }
    }),
    { numRuns: 300, examples: [[{ body: '{"exception":true,"message":" "}' }]] },
  );
});
