import fc from "fast-check";
import { expect, test } from "vitest";
import { type Condition, type Filters, type Link, type Row, Studio } from "./studio.ts";

const TEXTS = ["a", "A", "ab", "Über", "über uns", "b_%", "%", "émil", "0"];
const DATES = ["2026-01-31", "2026-02-01", "2026-05-13"];
const TIMES = DATES.map((date) => `${date}T10:00:00Z`);
const STATUSES = ["wtg", "ip", "fin"];

const studio = new Studio();
const shots = ["sh010", "SH020", "über"].map((code) => studio.make("Shot", { code }));
const assets = ["sh010", "Bunny"].map((code) => studio.make("Asset", { code }));
const people = ["Ann", "Bob"].map((name) => studio.create("HumanUser", { name, login: name }));
const linkNames = new Map<string, string>([
  ...shots.map((shot, at) => [key(shot), ["sh010", "SH020", "über"][at]!] as const),
  ...assets.map((asset, at) => [key(asset), ["sh010", "Bunny"][at]!] as const),
  ...people.map((person, at) => [key(person), ["Ann", "Bob"][at]!] as const),
]);

fillTasks();
const FIELDS = [
  "sg_description",
  "est_in_mins",
  "due_date",
  "created_at",
  "milestone",
  "sg_status_list",
  "entity",
  "task_assignees",
];
const tasks = studio.find("Task", [], FIELDS);

const text = fc.constantFrom(...TEXTS);
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { freq: 6 });
const target = fc.constantFrom<Link>(...[...shots, ...assets].map(({ type, id }) => ({ type, id })));
const person = fc.constantFrom<Link>(...people.map(({ type, id }) => ({ type, id })));

const condition: fc.Arbitrary<Condition> = fc.oneof(
  one("sg_description", ["is", "is_not"], orNull(text)),
  one("sg_description", ["contains", "not_contains", "starts_with", "ends_with"], text),
  many("sg_description", ["in", "not_in"], text),
  one("est_in_mins", ["is", "is_not", "greater_than", "less_than"], orNull(fc.integer({ min: -1, max: 4 }))),
  many("est_in_mins", ["in", "not_in"], orNull(fc.integer({ min: -1, max: 4 }))),
  pair("est_in_mins", ["between"], fc.integer({ min: -1, max: 4 })),
  ...(
    [
      ["due_date", DATES],
      ["created_at", TIMES],
    ] as const
  ).flatMap(([field, values]) => [
    one(field, ["is", "is_not", "greater_than", "less_than"], orNull(fc.constantFrom(...values))),
    many(field, ["in", "not_in"], fc.constantFrom(...values)),
    pair(field, ["between"], fc.constantFrom(...values)),
  ]),
  one("milestone", ["is", "is_not"], fc.boolean()),
  one("sg_status_list", ["is", "is_not"], orNull(fc.constantFrom(...STATUSES, "IP", "nope"))),
  many("sg_status_list", ["in", "not_in"], fc.constantFrom(...STATUSES, "FIN")),
  one("entity", ["is", "is_not"], orNull(target)),
  many("entity", ["in", "not_in"], orNull(target)),
  one("entity", ["type_is", "type_is_not"], fc.constantFrom("Shot", "Asset", "Scene")),
  one(
    "entity",
    ["name_is", "name_contains", "name_not_contains"],
    fc.constantFrom("sh010", "SH", "über", "n"),
  ),
  one("task_assignees", ["is", "is_not"], orNull(person)),
  many("task_assignees", ["in", "not_in"], person),
  one("task_assignees", ["name_is", "name_contains", "name_not_contains"], fc.constantFrom("ann", "b", "z")),
  one("id", ["is", "is_not", "greater_than", "less_than"], fc.integer({ min: 0, max: 50 })),
  many("id", ["in", "not_in"], fc.integer({ min: 0, max: 50 })),
  pair("id", ["between"], fc.integer({ min: 0, max: 50 })),
);

const { tree } = fc.letrec<{ tree: Filters[number] }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    condition,
    fc.record({ any: fc.array(tie("tree"), { minLength: 1, maxLength: 4 }) }),
    fc.record({ all: fc.array(tie("tree"), { maxLength: 4 }) }),
  ),
}));

test("any filter finds what a plain evaluator finds", () => {
  fc.assert(
    fc.property(fc.array(tree, { maxLength: 4 }), fc.boolean(), (filters, descending) => {
      const expected = tasks
        .filter((task) => filters.every((filter) => matches(task, filter)))
        .map(({ id }) => id);
      const sorts = [{ field_name: "id", direction: descending ? "desc" : "asc" }];
      const found = studio.ids("Task", filters, { sorts });
      expect(found).toEqual(descending ? expected.reverse() : expected);
    }),
    { numRuns: 1500 },
  );
});

test("the rows that were made exercise every field", () => {
  expect(tasks).toHaveLength(45);
  for (const field of FIELDS)
    expect(new Set(tasks.map((task) => JSON.stringify(task[field]))).size).toBeGreaterThan(1);
});

function fillTasks(): void {
  const pick = <T>(values: readonly T[], at: number): T | null => values[at % (values.length + 1)] ?? null;
  for (let at = 0; at < 45; at++) {
    const task = studio.make("Task", {
      sg_description: pick(TEXTS, at),
      est_in_mins: pick([0, 1, 2, 3], at * 3),
      due_date: pick(DATES, at * 7),
      created_at: TIMES[at % 3]!,
      milestone: at % 2 === 0,
      sg_status_list: pick(STATUSES, at * 5 + 1) ?? "hld",
      entity: pick([...shots, ...assets], at * 11),
      task_assignees: people.filter((_person, bit) => at & (1 << bit)),
    });
    if (at % 9 === 4) studio.update(task, { sg_status_list: null });
  }
}

function matches(row: Row, filter: Filters[number]): boolean {
  if ("any" in filter) return filter.any.some((item) => matches(row, item));
  if ("all" in filter) return filter.all.every((item) => matches(row, item));
  const [path, relation, ...values] = filter;
  const value = row[path] ?? null;
  if (path === "task_assignees") return matchesList(value as Link[], relation, values);
  if (path === "entity") return matchesList(value === null ? [] : [value as Link], relation, values);
  return matchesValue(fold(value), relation, values.map(fold));
}

/** A link is a list of at most one. */
function matchesList(links: Link[], relation: string, values: unknown[]): boolean {
  const [first] = values;
  const name = String(first).toLowerCase();
  const names = links.map((one) => linkNames.get(key(one))!.toLowerCase());
  const has = (wanted: unknown) =>
    wanted === null ? links.length === 0 : links.some((one) => key(one) === key(wanted as Link));
  switch (relation) {
    case "is":
    case "in":
      return values.some(has);
    case "is_not":
    case "not_in":
      return !values.some(has);
    case "type_is":
      return links.some(({ type }) => type === first);
    case "type_is_not":
      return !links.some(({ type }) => type === first);
    case "name_is":
      return names.includes(name);
    case "name_contains":
      return names.some((one) => one.includes(name));
    default:
      return !names.some((one) => one.includes(name));
  }
}

function matchesValue(value: unknown, relation: string, values: unknown[]): boolean {
  const [first, second] = values as [number, number];
  const plain = value as number;
  switch (relation) {
    case "is":
      return value === first;
    case "is_not":
      return value !== first;
    case "in":
      return values.includes(value);
    case "not_in":
      return !values.includes(value);
    case "greater_than":
      return value !== null && first !== null && plain > first;
    case "less_than":
      return value !== null && first !== null && plain < first;
    case "between":
      return value !== null && plain >= first && plain <= second;
    case "contains":
      return value !== null && String(value).includes(String(first));
    case "not_contains":
      return value === null || !String(value).includes(String(first));
    case "starts_with":
      return value !== null && String(value).startsWith(String(first));
    default:
      return value !== null && String(value).endsWith(String(first));
  }
}

function fold(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : value;
}

function key({ type, id }: Link): string {
  return `${type} ${id}`;
}

function one(path: string, relations: string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Condition> {
  return fc.tuple(fc.constant(path), fc.constantFrom(...relations), value);
}

function pair(path: string, relations: string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Condition> {
  return fc.tuple(fc.constant(path), fc.constantFrom(...relations), value, value);
}

function many(path: string, relations: string[], value: fc.Arbitrary<unknown>): fc.Arbitrary<Condition> {
  return fc
    .tuple(fc.constant(path), fc.constantFrom(...relations), fc.array(value, { minLength: 1, maxLength: 3 }))
    .map(([field, relation, values]) => [field, relation, ...values]);
}
