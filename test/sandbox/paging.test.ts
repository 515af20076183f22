import { describe, expect, test } from "vitest";
import type { Call } from "../../src/sandbox/core.ts";
import { Controls } from "../../src/sandbox/events/controls.ts";
import { Recorder } from "../../src/sandbox/events/recorder.ts";
import { openCore } from "../../src/sandbox/open-core.ts";
import { read } from "../../src/sandbox/query/read.ts";
import type { Param } from "../../src/sandbox/store/database.ts";
import { type Fields, type Filters, group, NOW, Studio } from "./studio.ts";

describe("pages", () => {
  const studio = new Studio();
  const ids = Array.from({ length: 7 }, (_, at) => studio.make("Shot", { head_in: at % 2 }).id);
  const page = (size: unknown, current_page: unknown, more: Fields = {}) =>
    studio.call("read", {
      type: "Shot",
      return_fields: ["id"],
      filters: group("and", []),
      paging: { entities_per_page: size, current_page },
      ...more,
    }) as { entities: { id: number }[]; paging_info?: Fields };

  test("of a size, from 1, empty beyond the end", () => {
    const seen = [1, 2, 3, 4].map((at) => page(3, at).entities.map(({ id }) => id));
    expect(seen).toEqual([ids.slice(0, 3), ids.slice(3, 6), ids.slice(6), []]);
    expect(page(3, 1).paging_info).toBeUndefined();
  });

  test("has_next_page without counts", () => {
    const more = { return_paging_info_without_counts: true };
    expect([1, 2, 3, 4].map((at) => page(3, at, more).paging_info?.has_next_page)).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect(page(7, 1, more).paging_info).toEqual({
      current_page: 1,
      entities_per_page: 7,
      has_next_page: false,
    });
  });

  test("counts for old clients", () => {
    const more = { return_paging_info: true };
    expect(page(3, 2, more).paging_info).toEqual({
      current_page: 2,
      page_count: 3,
      entity_count: 7,
      entities_per_page: 3,
    });
    const none = { ...more, filters: group("and", [["id", "is", 0]]) };
    expect(page(500, 1, none).paging_info).toEqual({
      current_page: 0,
      page_count: 0,
      entity_count: 0,
      entities_per_page: 500,
    });
  });

  test("sizes that are refused", () => {
    expect(() => page(undefined, 1)).toThrow(/invalid\/missing integer 'paging' 'entities_per_page':/);
    expect(() => page("5", 1)).toThrow(/invalid\/missing integer 'paging'/);
    expect(() => page(5001, 1)).toThrow(/size must be less than 5000/);
    expect(() => page(0, 1)).toThrow(/greater than 0/);
    expect(() => page(5, 0)).toThrow(/'current_page'/);
    expect(page(5000, 1).entities).toHaveLength(7);
  });

  test("id ranges are walked in the order of the sort, page by page", () => {
    const filters = group("or", [
      ["id", "in", ids[5], ids[0], ids[1]],
      ["id", "greater_than", ids[5]],
    ] as Filters);
    for (const direction of ["asc", "desc"]) {
      const sorts = [{ field_name: "id", direction }];
      const all = [ids[0], ids[1], ids[5], ids[6]];
      if (direction === "desc") all.reverse();
      expect([1, 2].map((at) => page(3, at, { filters, sorts }).entities.map(({ id }) => id))).toEqual([
        all.slice(0, 3),
        all.slice(3),
      ]);
    }
    const byHead = [
      { field_name: "head_in", direction: "desc" },
      { field_name: "id", direction: "desc" },
    ];
    expect(page(9, 1, { filters, sorts: byHead }).entities.map(({ id }) => id)).toEqual([
      ids[5],
      ids[1],
      ids[6],
      ids[0],
    ]);
  });

  test("sorts: dotted, by name of a link, unknown ones ignored, nulls first", () => {
    const make = (code: string | null) =>
      studio.make("Task", { entity: code && studio.make("Shot", { code }) }).id;
    const [b, none, a] = [make("b"), make(null), make("A")];
    const sorted = (...sorts: Fields[]) => studio.ids("Task", [], { sorts });
    expect(sorted({ field_name: "entity" })).toEqual([none, a, b]);
    expect(sorted({ field_name: "entity.Shot.code", direction: "desc" })).toEqual([b, a, none]);
    expect(sorted({ field_name: "nope" }, { field_name: "id", direction: "desc" })).toEqual([a, none, b]);
    expect(sorted({ field_name: "splits" })).toEqual([b, none, a]);
  });
});

describe("the plan of an event page", () => {
  const core = openCore(":memory:", () => new Date(NOW));
  new Controls(core).add(Array.from({ length: 3000 }, () => ({})));
  const asked: { text: string; params: Param[] }[] = [];
  const all = core.db.all.bind(core.db);
  core.db.all = (text, params = []) => {
    asked.push({ text, params });
    return all(text, params);
  };
  const call: Call = {
    core,
    caller: {
      user: { type: "ApiUser", id: 1, name: "x" },
      actualUser: null,
      sessionUuid: null,
      writesEvents: true,
    },
    method: "read",
    events: new Recorder(core.log, core.sequences),
    at: NOW,
  };

  /** The page's ids, and what SQLite does for it. */
  function page(filters: object, sorts: Fields[]): { ids: number[]; plans: string[] } {
    asked.length = 0;
    const paging = { entities_per_page: 500, current_page: 1 };
    const fields = ["event_type", "meta", "entity", "user", "project"];
    const reply = JSON.parse(
      read(call, { type: "EventLogEntry", return_fields: fields, filters, sorts, paging }).text,
    );
    const plans = [...asked].map(({ text, params }) =>
      all(`EXPLAIN QUERY PLAN ${text}`, params)
        .map((row) => String(row[3]))
        .join("; "),
    );
    return { ids: reply.entities.map(({ id }: { id: number }) => id), plans };
  }

  const many = Array.from({ length: 300 }, (_, at) => 100 + at * 3);
  test.each<[string, object, number[], number]>([
    ["greater_than", group("and", [["id", "greater_than", 2900]]), [2901, 3000], 1],
    ["between", group("and", [["id", "between", 1000, 1010]]), [1000, 1010], 1],
    ["is", group("and", [["id", "is", 77]]), [77, 77], 1],
    ["in", group("and", [["id", "in", many]]), [100, 997], 1],
    [
      "any of newer, between, in and is",
      group("or", [
        ["id", "greater_than", 2000],
        ["id", "between", 50, 60],
        ["id", "in", many],
        ["id", "is", 7],
      ]),
      [7, 2188],
      2,
    ],
    [
      "the same inside an and",
      group("and", [
        {
          any: [
            ["id", "greater_than", 2000],
            ["id", "is", 7],
          ],
        },
        ["event_type", "starts_with", "Shotgun_"],
      ]),
      [7, 2499],
      2,
    ],
  ])("%s is a search of the primary key, without sorting", (_name, filters, [first, last], steps) => {
    for (const direction of ["asc", "desc"]) {
      const { ids, plans } = page(filters, [{ field_name: "id", direction }]);
      expect(plans.length).toBeLessThanOrEqual(steps);
      for (const plan of plans) {
        expect(plan).toContain("SEARCH t0 USING INTEGER PRIMARY KEY");
        expect(plan).not.toMatch(/SCAN t0|TEMP B-TREE/);
      }
      expect(ids).toEqual(ids.toSorted((a, b) => (direction === "asc" ? a - b : b - a)));
      if (direction === "asc") expect([ids[0], ids.at(-1)]).toEqual([first, last]);
    }
  });

  test("the newest one is found from the end", () => {
    const { ids, plans } = page(group("and", []), [{ field_name: "id", direction: "desc" }]);
    expect([ids[0], ids.at(-1)]).toEqual([3000, 2501]);
    expect(plans).toEqual(["SCAN t0"]);
  });
});
