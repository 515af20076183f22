import { expect, test } from "vitest";
import { type Condition, group, type Row, refusal, Studio } from "./studio.ts";

const NAME = "Ab12 Text Search";

interface Found {
  terms: string[];
  matches: Row[];
}

function searchable() {
  const studio = new Studio();
  const rows = [0, 1, 2, 3, 4].flatMap((n) => [
    studio.make("Asset", { code: `${NAME} ${n}`, sg_asset_type: n % 2 ? "Character" : "Prop" }),
    studio.make("Task", { content: `${NAME} ${n}` }),
  ]);
  const search = (types: Record<string, Condition[]>, more: object = {}) =>
    studio.call("query_display_name_cache", {
      text: NAME,
      entity_types: Object.fromEntries(
        Object.entries(types).map(([type, list]) => [type, group("and", list)]),
      ),
      project_ids: [],
      max_results: null,
      ...more,
    }) as Found;
  return { studio, rows, search };
}

test("every word of the text stands somewhere in the name, whatever its case", () => {
  const { studio, rows, search } = searchable();
  const { terms, matches } = search({ Asset: [] });
  expect(terms).toEqual(["ab12", "text", "search"]);
  expect(matches).toHaveLength(5);
  expect(matches[0]).toEqual({
    id: rows[0]!.id,
    type: "Asset",
    name: `${NAME} 0`,
    project_id: studio.project.id,
    image: null,
    links: ["", ""],
    status: "wtg",
  });
  expect(search({ Asset: [] }, { text: "SEARCH 3 ab" }).matches.map(({ name }) => name)).toEqual([
    `${NAME} 3`,
  ]);
  expect(search({ Asset: [] }, { text: "search bunny" }).matches).toEqual([]);
  expect(search({ Asset: [] }, { text: " " })).toEqual({ terms: [], matches: [] });
});

test("types in the order asked for, then by id; filters of their own", () => {
  const { rows, search } = searchable();
  const ids = (type: string) => rows.filter((row) => row.type === type).map(({ id }) => id);
  const both = search({ Task: [], Asset: [] }).matches;
  expect(both.map(({ type }) => type)).toEqual([...Array(5).fill("Task"), ...Array(5).fill("Asset")]);
  expect(both.slice(5).map(({ id }) => id)).toEqual(ids("Asset"));
  const some = search({
    Asset: [["sg_asset_type", "is", "Character"]],
    Task: [["content", "ends_with", "4"]],
  });
  expect(some.matches.map(({ name, type }) => `${type} ${name}`)).toEqual([
    `Asset ${NAME} 1`,
    `Asset ${NAME} 3`,
    `Task ${NAME} 4`,
  ]);
});

test("limits over all types, 25 when none is given; projects; retired rows", () => {
  const { studio, rows, search } = searchable();
  expect(search({ Asset: [], Task: [] }, { max_results: 7 }).matches).toHaveLength(7);
  for (let n = 0; n < 25; n++) studio.make("Asset", { code: `${NAME} more` });
  expect(search({ Asset: [], Task: [] }).matches).toHaveLength(25);
  const other = studio.create("Project", { name: `${NAME} film` });
  const there = studio.create("Asset", { project: other, code: `${NAME} x` });
  const found = search({ Asset: [], Project: [] }, { project_ids: [other.id] }).matches;
  expect(found.map(({ type, id }) => [type, id])).toEqual([
    ["Asset", there.id],
    ["Project", other.id],
  ]);
  studio.delete(rows[0]!);
  expect(search({ Asset: [] }).matches[0]!.id).toBe(rows[2]!.id);
});

test("what a row is linked to", () => {
  const { studio, search } = searchable();
  const shot = studio.make("Shot", { code: "sh010" });
  studio.make("Task", { content: "Roto", entity: shot });
  expect(search({ Task: [] }, { text: "roto" }).matches[0]!.links).toEqual(["Shot", "sh010"]);
});

test("refuses what it does not understand", () => {
  const { search, studio } = searchable();
  expect(refusal(() => search({ Nope: [] }))).toContain("103 API query_display_name_cache() invalid/missing");
  expect(refusal(() => search({ Asset: [["nope", "is", 1]] }))).toContain("Asset.nope doesn't exist.");
  expect(refusal(() => search({ Asset: [] }, { project_ids: ["1"] }))).toContain("'project_ids'");
  expect(refusal(() => studio.call("query_display_name_cache", { text: "a" }))).toContain("'entity_types'");
});
