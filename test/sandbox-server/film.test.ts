/** The feature film, made once for all of these. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";

type Fields = Record<string, unknown>;

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox({ studio: "feature-film" });
}, 240_000);
afterAll(() => sandbox.close());

function call(method: string, payload: Fields): Fields {
  const { scriptName: script_name, scriptKey: script_key } = sandbox;
  return sandbox.site.call(method, [{ script_name, script_key }, payload]) as Fields;
}

function find(
  type: string,
  conditions: [string, string, unknown][],
  return_fields: string[],
  sorts: object[] = [],
) {
  const filters = {
    logical_operator: "and",
    conditions: conditions.map(([path, relation, value]) => ({ path, relation, values: [value] })),
  };
  const paging = { entities_per_page: 500, current_page: 1 };
  return call("read", { type, filters, return_fields, paging, sorts }).entities as Fields[];
}

function count(type: string, grouping?: string): Fields {
  return call("summarize", {
    type,
    filters: { logical_operator: "and", conditions: [] },
    summaries: [{ field: "id", type: "record_count" }],
    ...(grouping && { grouping: [{ field: grouping, type: "exact", direction: "asc" }] }),
  });
}

test("2,000 shots, 40,000 tasks, 200 people, a million events", () => {
  const size = (type: string) => (count(type).summaries as { id: number }).id;
  expect(["Shot", "Task", "Sequence", "Asset"].map(size)).toEqual([2000, 40_000, 40, 400]);
  expect(size("HumanUser")).toBe(201);
  expect(size("EventLogEntry")).toBeGreaterThanOrEqual(1_000_000);
  const statuses = (count("Task", "sg_status_list").groups as Fields[]).map(({ group_name }) => group_name);
  expect(statuses).toEqual(expect.arrayContaining(["fin", "ip", "rev", "wtg"]));
});

test("events come in the order of time, and lead to what the site says today", () => {
  const [task] = find(
    "Task",
    [["sg_status_list", "is", "ip"]],
    ["sg_status_list", "due_date", "step", "task_assignees"],
  );
  const about: [string, string, unknown][] = [["entity", "is", { type: "Task", id: task!.id }]];
  const events = find("EventLogEntry", about, ["event_type", "attribute_name", "meta", "created_at", "user"]);
  expect(events[0]!.event_type).toBe("Shotgun_Task_New");
  const times = events.map(({ created_at }) => String(created_at));
  expect(times).toEqual(times.toSorted());
  for (const field of ["sg_status_list", "due_date"]) {
    const last = events.findLast(({ attribute_name }) => attribute_name === field)!.meta as Fields;
    expect(last.new_value, field).toBe(task![field]);
  }
  expect(task).toMatchObject({ step: { type: "Step" }, task_assignees: [{ type: "HumanUser" }] });
  expect(events.every(({ user }) => user !== null)).toBe(true);
});

test("its streams and links are those of a film that was made here", () => {
  const [shot] = find("Shot", [["sg_status_list", "is", "fin"]], ["tasks", "sg_versions", "sg_sequence"]);
  expect(shot!.tasks).toHaveLength(18);
  expect((shot!.sg_versions as unknown[]).length).toBeGreaterThan(17);
  const stream = call("activity_stream", { type: "Shot", id: shot!.id });
  expect((stream.updates as unknown[]).length).toBeGreaterThan(50);
  const [note] = find("Note", [], ["note_links", "user", "subject"]);
  expect(note).toMatchObject({ note_links: [{ type: "Version" }], user: { type: "HumanUser" } });
});

test("what happened to one entity is found by an index", () => {
  const asked = `EXPLAIN QUERY PLAN SELECT id FROM "EventLogEntry" WHERE "entity.id" IN (SELECT value FROM json_each('[500]')) ORDER BY id`;
  sandbox.site.fill(({ db }) => {
    expect(JSON.stringify(db.all(asked))).toContain("INDEX EventLogEntry.entity");
  });
});

test("500 tasks by a dotted path are found through indexes, in the order asked for", () => {
  const path = "entity.Shot.sg_sequence.Sequence.code";
  const tasks = find(
    "Task",
    [[path, "is", "WEI2"]],
    ["content", "entity.Shot.code"],
    [{ field_name: "entity.Shot.code", direction: "desc" }],
  );
  expect(tasks).toHaveLength(500);
  expect(tasks[0]!["entity.Shot.code"]).toBe("WEI2_0500");
});
