import { describe, expect, test } from "vitest";
import { SiteFault } from "../../src/sandbox/fault.ts";
import { schemaFile } from "../../src/sandbox/schema/file.ts";
import { type Filters, link, Studio } from "./studio.ts";

// Now is Wednesday 2026-05-13 10:20:30 UTC.
const studio = new Studio();
const shot = studio.make("Shot", { code: "sh010" });
const task = (fields: Record<string, unknown>) => studio.make("Task", { ...fields, entity: link(shot) }).id;

describe("relative dates", () => {
  const days = {
    today: task({ due_date: "2026-05-13" }),
    yesterday: task({ due_date: "2026-05-12" }),
    tomorrow: task({ due_date: "2026-05-14" }),
    sunday: task({ due_date: "2026-05-10" }),
    saturday: task({ due_date: "2026-05-09" }),
    april: task({ due_date: "2026-04-20" }),
    lastYear: task({ due_date: "2025-05-13" }),
    never: task({}),
  };
  const all = Object.keys(days) as (keyof typeof days)[];
  const found = (relation: string, ...values: unknown[]) => {
    const ids = studio.ids("Task", [["due_date", relation, ...values]]);
    return all.filter((name) => ids.includes(days[name]));
  };

  test.each<[string, unknown[], (keyof typeof days)[]]>([
    ["in_last", [1, "DAY"], ["today", "yesterday"]],
    ["in_last", [1, "WEEK"], ["today", "yesterday", "sunday", "saturday"]],
    ["in_last", [1, "MONTH"], ["today", "yesterday", "sunday", "saturday", "april"]],
    ["in_last", [1, "YEAR"], ["today", "yesterday", "sunday", "saturday", "april", "lastYear"]],
    ["in_next", [2, "DAY"], ["today", "tomorrow"]],
    ["in_next", [1, "HOUR"], ["today"]],
    ["not_in_last", [1, "DAY"], ["tomorrow", "sunday", "saturday", "april", "lastYear", "never"]],
    ["not_in_next", [1, "DAY"], ["yesterday", "sunday", "saturday", "april", "lastYear", "never"]],
    ["in_calendar_day", [0], ["today"]],
    ["in_calendar_day", [-1], ["yesterday"]],
    ["in_calendar_week", [0], ["today", "yesterday", "tomorrow", "sunday"]],
    ["in_calendar_week", [-1], ["saturday"]],
    ["in_calendar_month", [0], ["today", "yesterday", "tomorrow", "sunday", "saturday"]],
    ["in_calendar_month", [-1], ["april"]],
    ["in_calendar_year", [-1], ["lastYear"]],
  ])("date %s %j", (relation, values, expected) => {
    expect(found(relation, ...values)).toEqual(expected);
  });

  test("a time unit that does not exist is refused with those that do", () => {
    expect(() => found("in_last", 2, "FORTNIGHT")).toThrow(
      /'in_last' 'relation' doesn't support the 'FORTNIGHT' time unit.*"HOUR","DAY","WEEK","MONTH","YEAR"/,
    );
  });

  test("times fall into UTC days, to the second", () => {
    const at = (created_at: string) => task({ created_at });
    const ids = [
      at("2026-05-12T23:59:59Z"),
      at("2026-05-13T00:00:00Z"),
      at("2026-05-13T23:59:59Z"),
      at("2026-05-14T00:00:00Z"),
    ];
    const inDay = studio.ids("Task", [
      ["created_at", "in_calendar_day", 0],
      ["id", "in", ids],
    ]);
    expect(inDay).toEqual([ids[1], ids[2]]);
    const inHour = at("2026-05-13T09:20:30Z");
    expect(
      studio.ids("Task", [
        ["created_at", "in_last", 1, "HOUR"],
        ["id", "in", inHour, ids[1]],
      ]),
    ).toEqual([inHour]);
  });

  test("a filter's time may have an offset", () => {
    const id = task({ created_at: "2026-03-01T12:00:00+02:00" });
    expect(studio.get({ type: "Task", id }, "created_at").created_at).toBe("2026-03-01T10:00:00Z");
    expect(studio.ids("Task", [["created_at", "is", "2026-03-01T05:00:00-05:00"]])).toEqual([id]);
  });
});

describe("other data types", () => {
  const one = (type: string, fields: Record<string, unknown>) => studio.make(type, fields).id;

  test("color is compared as it is kept", () => {
    const black = one("Task", { color: "Black" });
    expect(studio.get({ type: "Task", id: black }, "color").color).toBe("0,0,0");
    expect(studio.ids("Task", [["color", "in", "0,0,0", "Green"]])).toEqual([black]);
    expect(studio.ids("Task", [["color", "not_in", "pipeline_step"]])).toEqual([black]);
  });

  test("entity_type is compared with regard to case", () => {
    expect(studio.find("Step", [["entity_type", "is", "Shot"]]).length).toBe(8);
    expect(studio.find("Step", [["entity_type", "in", "shot", "Asset"]]).length).toBe(4);
  });

  test("uuid", () => {
    const storage = studio.create("LocalStorage", { code: "primary" }, ["uuid"]);
    expect(storage.uuid).toMatch(/^[0-9a-f-]{36}$/);
    expect(studio.ids("LocalStorage", [["uuid", "in", storage.uuid]])).toEqual([storage.id]);
    expect(studio.ids("LocalStorage", [["uuid", "not_in", storage.uuid]])).toEqual([]);
  });

  test("float and duration", () => {
    const wide = one("Version", { sg_movie_aspect_ratio: 2.39 });
    const square = one("Version", { sg_movie_aspect_ratio: 1 });
    expect(studio.ids("Version", [["sg_movie_aspect_ratio", "between", 2, 3]])).toEqual([wide]);
    expect(studio.ids("Version", [["sg_movie_aspect_ratio", "less_than", 2]])).toEqual([square]);
    const long = one("Task", { duration: 90_000 });
    expect(studio.ids("Task", [["duration", "greater_than", 80_000]])).toEqual([long]);
  });

  test("image takes only null", () => {
    expect(studio.ids("Version", [["image", "is_not", null]])).toEqual([]);
    expect(studio.ids("Version", [["image", "is", null]])).toHaveLength(2);
    expect(() => studio.ids("Version", [["image", "is_not", [{ type: "Thumbnail", id: 1 }]]])).toThrow(
      /NilClass/,
    );
  });

  test("tag_list", () => {
    const tagged = one("Asset", { tag_list: ["Hero", "Set Dressing"] });
    const plain = one("Asset", {});
    expect(studio.get({ type: "Asset", id: tagged }, "tag_list").tag_list).toEqual(["Hero", "Set Dressing"]);
    expect(studio.ids("Asset", [["tag_list", "is", "hero"]])).toEqual([tagged]);
    expect(studio.ids("Asset", [["tag_list", "is_not", "Hero"]])).toEqual([plain]);
    expect(studio.ids("Asset", [["tag_list", "name_contains", "dress"]])).toEqual([tagged]);
    expect(studio.ids("Asset", [["tag_list", "name_not_contains", "dress"]])).toEqual([plain]);
    const tag = studio.create("Tag", { name: "Hero" });
    expect(studio.ids("Asset", [["tag_list", "name_id", tag.id]])).toEqual([tagged]);
  });

  test("jsonb", () => {
    const full = one("Note", { meta: { a: [1, { b: 2 }], c: "x" } });
    const empty = one("Note", {});
    expect(studio.ids("Note", [["meta", "is", { c: "x", a: [1, { b: 2 }] }]])).toEqual([full]);
    expect(studio.ids("Note", [["meta", "contains", { a: [{ b: 2 }] }]])).toEqual([full]);
    expect(studio.ids("Note", [["meta", "not_contains", { a: [3] }]])).toEqual([full, empty]);
    expect(studio.ids("Note", [["meta", "is", null]])).toEqual([empty]);
  });

  test("addressings know beginnings and ends of names", () => {
    const ann = studio.create("HumanUser", { name: "Ann Lee", login: "ann" });
    const note = one("Note", { addressings_to: [link(ann)] });
    const to = (relation: string, value: unknown) =>
      studio.ids("Note", [["addressings_to", relation, value]]);
    expect(to("name_starts_with", "ann")).toEqual([note]);
    expect(to("name_ends_with", "LEE")).toEqual([note]);
    expect(to("contains", link(ann))).toEqual([note]);
    expect(to("not_contains", link(ann))).not.toContain(note);
  });

  test.each<[string, string, Filters[number]]>([
    ["url", "Version", ["sg_uploaded_movie", "is", null]],
    ["serializable", "EventLogEntry", ["meta", "is_not", null]],
    ["password", "HumanUser", ["password_proxy", "is_not", null]],
    ["summary", "Shot", ["open_notes_count", "greater_than", 1]],
    ["pivot_column", "Shot", ["step_0", "is", null]],
    ["jsonb with an unknown relation", "Note", ["meta", "attachment", null]],
    ["number with not_between", "Shot", ["head_in", "not_between", 1, 2]],
  ])("%s is refused", (_name, type, filter) => {
    expect(() => studio.find(type, [filter])).toThrow(
      /data type (doesn't support|cannot be used in a filter)/,
    );
  });
});

describe("refusals", () => {
  const refusal = (...filter: Filters) => {
    try {
      studio.find("Shot", filter);
    } catch (error) {
      return `${(error as { code: number }).code} ${(error as Error).message}`;
    }
    return "";
  };

  test("an unknown field", () => {
    expect(refusal(["nope", "is", 1])).toBe("103 API read() Shot.nope doesn't exist.");
    expect(refusal(["sg_sequence.Sequence.nope", "is", 1])).toBe(
      "103 API read() Sequence.nope doesn't exist.",
    );
    expect(refusal(["sg_sequence.Nope.code", "is", 1])).toMatch(/^103 .*doesn't exist/);
  });

  test("an unknown relation, with those that exist", () => {
    expect(refusal(["code", "x", 1])).toMatch(
      /^103 API read\(\) Shot.code's 'text' data type doesn't support 'x' 'relation'.*"starts_with"/,
    );
  });

  test("a wrong number of values", () => {
    expect(refusal(["code", "is"])).toMatch(/'is' 'relation' expects a 1-element array/);
    expect(refusal(["code", "in"])).toMatch(/'in' 'relation' expects at least a 1-element array/);
    expect(refusal(["head_in", "between", 1])).toMatch(/'between' 'relation' expects a 2-element array/);
  });

  test("a value of the wrong type", () => {
    expect(refusal(["code", "is", 4])).toMatch(
      /expected \[String, NilClass\] data type\(s\) but got Integer: 4/,
    );
    expect(refusal(["head_in", "is", "4"])).toMatch(/expected \[Integer, Float, NilClass\].*got String/);
    expect(refusal(["sg_sequence", "is", "x"])).toMatch(/expected \[Hash, NilClass\]/);
    expect(refusal(["sg_sequence", "is", { id: 1 }])).toMatch(
      /invalid\/missing entity hash string 'type'.*"Sequence"/,
    );
    expect(refusal(["code", "in", null])).toMatch(/^104 /);
    expect(refusal(["id", "greater_than", "5"])).toMatch(/^103 API read\(\) Shot.id expected/);
  });

  test("an unknown operator, or no conditions at all", () => {
    const read = (filters: unknown) => () =>
      studio.call("read", { type: "Shot", filters, paging: { entities_per_page: 1, current_page: 1 } });
    expect(read({ logical_operator: "any", conditions: [] })).toThrow(/Invalid logical operator: any/);
    expect(read([])).toThrow(/invalid\/missing hash 'filters'/);
    expect(read({ logical_operator: "and", conditions: [4] })).toThrow(/expected a condition hash/);
    expect(read({ logical_operator: "and", conditions: [{ relation: "is", values: [1] }] })).toThrow(
      /string 'path'/,
    );
  });
});

const ANY_VALUES = [
  ["x"],
  [1],
  [null],
  [true],
  [{ type: "Shot", id: 1 }],
  [0, "DAY"],
  [1, 2],
  ["2026-01-01"],
  ["2026-01-01", "2026-01-02"],
];

test("every relation of every field takes some values, and faults for the others", () => {
  for (const [type, { fields }] of Object.entries(schemaFile.entity_types))
    for (const [name, { data_type }] of Object.entries(fields))
      for (const relation of schemaFile.data_types[data_type].operators) {
        const taken = ANY_VALUES.filter((values) => isTaken(type, name, relation, values));
        expect(taken.length, `${type}.${name} ${relation}`).toBeGreaterThan(0);
      }
});

function isTaken(type: string, field: string, relation: string, values: unknown[]): boolean {
  try {
    studio.find(type, [[field, relation, ...values]], [field], { sorts: [{ field_name: field }] });
    return true;
  } catch (error) {
    if (error instanceof SiteFault) return false;
    throw error;
  }
}
