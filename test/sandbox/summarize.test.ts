import { describe, expect, test } from "vitest";
import { type Fields, type Filters, group, Studio } from "./studio.ts";

const studio = new Studio();
const sequences = ["sq1", "sq2"].map((code) => studio.make("Sequence", { code }));
const rows: [number | null, string, number | null, string][] = [
  [100, "wtg", 0, "2026-01-01T10:00:00Z"],
  [200, "ip", 0, "2026-01-02T10:00:00Z"],
  [0, "ip", 1, "2026-02-03T10:00:00Z"],
  [null, "fin", null, "2025-11-03T10:00:00Z"],
];
for (const [sg_cut_duration, sg_status_list, sequence, created_at] of rows)
  studio.make("Shot", {
    sg_cut_duration,
    sg_status_list,
    sg_sequence: sequence === null ? null : sequences[sequence],
    created_at,
  });

function summarize(
  summaries: [string, string, unknown?][],
  grouping?: [string, string, string?][],
  filters: Filters = [],
): Fields {
  return studio.call("summarize", {
    type: "Shot",
    filters: group("and", filters),
    summaries: summaries.map(([field, type, value]) => ({
      field,
      type,
      ...(value !== undefined && { value }),
    })),
    ...(grouping && {
      grouping: grouping.map(([field, type, direction = "asc"]) => ({ field, type, direction })),
    }),
  }) as Fields;
}

function groups(field: string, type: string, direction?: string): [string, unknown, unknown][] {
  const { groups: found } = summarize([["id", "count"]], [[field, type, direction ?? "asc"]]) as {
    groups: Fields[];
  };
  return found.map(({ group_name, group_value, summaries }) => [
    group_name as string,
    group_value,
    (summaries as Fields).id,
  ]);
}

describe("values", () => {
  test.each<[string, string, unknown, unknown]>([
    ["id", "count", undefined, 4],
    ["sg_cut_duration", "count", undefined, 3],
    ["sg_cut_duration", "record_count", undefined, 4],
    ["sg_cut_duration", "sum", undefined, 300],
    ["sg_cut_duration", "maximum", undefined, 200],
    ["sg_cut_duration", "minimum", undefined, 0],
    ["sg_cut_duration", "average", undefined, 100],
    ["created_at", "earliest", undefined, "2025-11-03T10:00:00Z"],
    ["created_at", "latest", undefined, "2026-02-03T10:00:00Z"],
    ["sg_status_list", "status_list", undefined, "ip"],
    ["sg_status_list", "percentage", "ip", 50],
    ["sg_status_list", "status_percentage", "wtg", 25],
    ["sg_status_list", "status_percentage_as_float", "fin", 25],
  ])("%s %s %s", (field, type, value, expected) => {
    expect(summarize([[field, type, value]])).toEqual({ summaries: { [field]: expected }, groups: [] });
  });

  test("over no rows", () => {
    const none: Filters = [["id", "is", 0]];
    expect(summarize([["id", "count"]], undefined, none)).toEqual({ summaries: { id: 0 }, groups: [] });
    expect(
      summarize(
        [
          ["sg_cut_duration", "sum"],
          ["head_in", "maximum"],
        ],
        undefined,
        none,
      ).summaries,
    ).toEqual({ sg_cut_duration: 0, head_in: null });
    expect(summarize([["id", "count"]], [["sg_status_list", "exact"]], none).groups).toEqual([]);
  });

  test("of two summaries of a field the last one wins", () => {
    expect(
      summarize([
        ["id", "count"],
        ["id", "maximum"],
      ]).summaries,
    ).toEqual({ id: 4 });
    expect(
      summarize([
        ["sg_cut_duration", "maximum"],
        ["sg_cut_duration", "count"],
      ]).summaries,
    ).toEqual({ sg_cut_duration: 3 });
  });

  test("checkboxes", () => {
    studio.make("Task", { milestone: true });
    studio.make("Task");
    const count = (type: string) =>
      studio.call("summarize", {
        type: "Task",
        filters: group("and", []),
        summaries: [{ field: "milestone", type }],
      });
    expect(count("checked")).toMatchObject({ summaries: { milestone: 1 } });
    expect(count("unchecked")).toMatchObject({ summaries: { milestone: 1 } });
  });
});

describe("groups", () => {
  test("exact: by list, number and link; empty values under an empty name", () => {
    expect(groups("sg_status_list", "exact")).toEqual([
      ["fin", "fin", 1],
      ["ip", "ip", 2],
      ["wtg", "wtg", 1],
    ]);
    expect(groups("sg_cut_duration", "exact", "desc")).toEqual([
      ["200", 200, 1],
      ["100", 100, 1],
      ["0", 0, 1],
      ["", null, 1],
    ]);
    const valid = (at: number) => ({
      type: "Sequence",
      id: sequences[at]!.id,
      name: `sq${at + 1}`,
      valid: "valid",
    });
    expect(groups("sg_sequence", "exact")).toEqual([
      ["", null, 1],
      ["sq1", valid(0), 2],
      ["sq2", valid(1), 1],
    ]);
    expect(groups("sg_sequence.Sequence.code", "exact")).toEqual([
      ["", null, 1],
      ["sq1", "sq1", 2],
      ["sq2", "sq2", 1],
    ]);
  });

  test("by size, time, type and letter", () => {
    expect(groups("sg_cut_duration", "hundreds").map(([, value, count]) => [value, count])).toEqual([
      [null, 1],
      [0, 1],
      [100, 1],
      [200, 1],
    ]);
    expect(groups("created_at", "month").map(([, value, count]) => [value, count])).toEqual([
      ["2025-11-01", 1],
      ["2026-01-01", 2],
      ["2026-02-01", 1],
    ]);
    expect(groups("created_at", "year").map(([, value]) => value)).toEqual(["2025-01-01", "2026-01-01"]);
    expect(groups("created_at", "quarter").map(([, value]) => value)).toEqual(["2025-10-01", "2026-01-01"]);
    expect(groups("created_at", "day")).toHaveLength(4);
    expect(groups("sg_sequence", "entitytype")).toEqual([
      ["", null, 1],
      ["Sequence", "Sequence", 3],
    ]);
    expect(groups("sg_sequence", "firstletter")).toEqual([
      ["", null, 1],
      ["S", "S", 3],
    ]);
  });

  test("levels nest; a leaf has no groups key", () => {
    const reply = summarize(
      [["id", "count"]],
      [
        ["sg_sequence", "exact"],
        ["sg_status_list", "exact", "desc"],
      ],
    ) as { groups: Fields[] };
    expect(reply.groups[1]).toEqual({
      group_name: "sq1",
      group_value: expect.objectContaining({ name: "sq1" }),
      summaries: { id: 2 },
      groups: [
        { group_name: "wtg", group_value: "wtg", summaries: { id: 1 } },
        { group_name: "ip", group_value: "ip", summaries: { id: 1 } },
      ],
    });
  });
});

test.each<[string, () => unknown, RegExp]>([
  ["no summaries", () => summarize([]), /'summaries'/],
  ["an unknown field", () => summarize([["nope", "count"]]), /API summarize\(\) Shot.nope doesn't exist/],
  ["an unknown type", () => summarize([["id", "median"]]), /'median'/],
  ["an unknown grouping", () => summarize([["id", "count"]], [["code", "dozens"]]), /'dozens'/],
  [
    "a grouping that does not fit",
    () => summarize([["id", "count"]], [["code", "hundreds"]]),
    /can't be grouped by 'hundreds'/,
  ],
  [
    "an unknown filter field",
    () => summarize([["id", "count"]], undefined, [["nope", "is", 1]]),
    /API summarize\(\) Shot.nope/,
  ],
])("%s is refused", (_name, work, message) => {
  expect(work).toThrow(message);
});
