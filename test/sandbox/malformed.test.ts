import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { METHODS } from "../../src/sandbox/methods.ts";
import { type Fields, type Filters, refusal, SCRIPT, Studio } from "./studio.ts";

type Body = { method_name: string; params: unknown[] };

const FILE = join(import.meta.dirname, "../protocol/requests.jsonl");
const bodies = readFileSync(FILE, "utf8")
  .split("\n")
  .filter(Boolean)
  .map((line) => (JSON.parse(line) as { request: { body: Body } | null }).request?.body)
  .filter((body): body is Body => METHODS.has(body?.method_name ?? ""));

function filledStudio(): Studio {
  const studio = new Studio();
  for (const type of ["Shot", "Asset", "Version"]) for (let at = 0; at < 3; at++) studio.make(type);
  return studio;
}

const SHOT = { type: "Shot", id: 1 };
const strange = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>(null, [], {}, 1, -1, 1.5, 1e300, "", [null], SHOT, [SHOT], "Shot", "id", true, [
    "Shot",
  ]),
  fc.constantFrom("$FROM$", "a.b.c", "entity.Shot", "__proto__", "constructor", "LATEST", "2026-01-01"),
);

test("whatever stands in place of a part of a request, the answer is a result or a fault", () => {
  const studio = filledStudio();
  fc.assert(
    fc.property(fc.nat(), fc.nat(), strange, (which, where, value) => {
      const { method_name, params } = structuredClone(bodies[which % bodies.length]!);
      const payload = params.slice(1);
      const slots = slotsOf(payload);
      const [holder, key] = slots[where % Math.max(1, slots.length)] ?? [{}, ""];
      holder[key] = value;
      const reply = JSON.parse(studio.site.callJson(method_name, [SCRIPT, ...payload])) as Fields;
      expect("results" in reply || typeof reply.error_code === "number").toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test("as many conditions and values as anyone sends", () => {
  const studio = filledStudio();
  const many = Array.from({ length: 5000 }, (_, at) => at + 1);
  const any = many.map((id) => ["code", "is", `New Shot ${id}`] as [string, string, string]);
  expect(studio.ids("Shot", [{ any }])).toHaveLength(3);
  expect(
    studio.ids("Version", [["entity", "not_in", ...many.map((id) => ({ type: "Shot", id }))]]),
  ).toHaveLength(3);
  expect(studio.ids("Shot", [["code", "in", ...any.map(([, , code]) => code)]])).toHaveLength(3);
  expect(studio.ids("Shot", [["sg_status_list", "not_in", ...many.map(String)]])).toHaveLength(3);
  let nested: Filters = [["id", "greater_than", 1]];
  for (let depth = 0; depth < 100; depth++)
    nested = depth % 2 ? [{ any: nested }] : [{ all: [...nested, ["code", "contains", "new"]] }];
  expect(studio.ids("Shot", nested)).toHaveLength(2);
});

test("a query that is larger than the database takes is refused in one sentence", () => {
  const studio = filledStudio();
  const many = (count: number) => Array.from({ length: count }, (_, at) => at);
  const chain = `created_by.HumanUser.${"created_by.HumanUser.".repeat(100)}name`;
  const asks: [Filters, string[], Fields][] = [
    [[{ any: many(40_000).map((at) => ["code", "is", String(at)]) }], [], {}],
    [[[chain, "is", "x"]], [], {}],
    [[], [chain], {}],
    [[], [], { sorts: many(3000).map(() => ({ field_name: "code" })) }],
  ];
  for (const [filters, fields, more] of asks)
    expect(refusal(() => studio.find("Shot", filters, fields, more))).toMatch(
      /^103 The sandbox cannot answer so large a query \(.*\): use fewer/,
    );
});

test("relative dates far beyond the calendar", () => {
  const studio = filledStudio();
  const task = studio.make("Task", { due_date: "2026-05-01" });
  for (const count of [1e9, 99_999_999]) {
    expect(studio.ids("Task", [["due_date", "in_last", count, "YEAR"]])).toEqual([task.id]);
    expect(studio.ids("Task", [["due_date", "in_next", count, "DAY"]])).toEqual([]);
    expect(studio.ids("Task", [["created_at", "in_calendar_year", -count]])).toEqual([]);
  }
});

/** Every place in a value that something else can be put into. */
function slotsOf(value: unknown): [Record<string, unknown>, string][] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [
    [holder, key] as [typeof holder, string],
    ...slotsOf(holder[key]),
  ]);
}
