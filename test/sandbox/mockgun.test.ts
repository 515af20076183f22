/** What code tested against the in-process mock of the Python client gets wrong: each row a trap, as on a real site. */
import { expect, test } from "vitest";
import { link, Studio } from "./studio.ts";

test("5: the first sort key is the primary one, the id the last", () => {
  const studio = new Studio();
  const rows = [
    [1, "b"],
    [2, "a"],
    [1, "a"],
    [1, "a"],
  ].map(([head_in, code]) => studio.make("Shot", { head_in, code }).id);
  const sorts = [{ field_name: "head_in", direction: "desc" }, { field_name: "code" }];
  expect(studio.ids("Shot", [], { sorts })).toEqual([rows[1], rows[2], rows[3], rows[0]]);
});

test("10: an entity is in a list when it equals any member", () => {
  const studio = new Studio();
  const [one, two, three] = ["a", "b", "c"].map((code) => studio.make("Sequence", { code }));
  const shots = [one, two, three].map((sg_sequence) => studio.make("Shot", { sg_sequence }).id);
  expect(studio.ids("Shot", [["sg_sequence", "in", link(one!), link(three!)]])).toEqual([shots[0], shots[2]]);
  expect(studio.ids("Shot", [["sg_sequence", "not_in", link(one!), link(three!)]])).toEqual([shots[1]]);
});

test("12: an empty link does not match, and breaks no query", () => {
  const studio = new Studio();
  const task = studio.make("Task", { entity: studio.make("Shot", { code: "sh010" }) });
  const free = studio.make("Task");
  expect(studio.ids("Task", [["entity", "type_is", "Shot"]])).toEqual([task.id]);
  expect(studio.ids("Task", [["entity", "name_contains", "SH"]])).toEqual([task.id]);
  expect(studio.ids("Task", [["entity", "type_is_not", "Shot"]])).toEqual([free.id]);
});

test("21: filters given as an object keep their operator, and $FROM$ conditions count", () => {
  const studio = new Studio();
  const [one, two, three] = ["a", "b", "c"].map((code) => studio.make("Shot", { code }));
  studio.make("Task", { entity: one, due_date: "2026-01-01" });
  studio.make("Task", { entity: two, due_date: "2026-06-01" });
  const any = {
    any: [
      ["code", "is", "a"],
      ["code", "is", "c"],
    ] as [string, string, string][],
  };
  expect(studio.ids("Shot", [any])).toEqual([one!.id, three!.id]);
  expect(studio.ids("Shot", [["$FROM$Task.entity.due_date", "greater_than", "2026-03-01"]])).toEqual([
    two!.id,
  ]);
});

test("25: a link reads as type, id and name, before and after any filter", () => {
  const studio = new Studio();
  const shot = studio.make("Shot", { code: "sh010" });
  const task = studio.make("Task", { entity: shot });
  const expected = { type: "Shot", id: shot.id, name: "sh010" };
  expect(studio.get(task, "entity").entity).toEqual(expected);
  studio.find("Task", [["entity", "is", link(shot)]]);
  expect(studio.get(task, "entity").entity).toEqual(expected);
  studio.update(shot, { code: "sh020" });
  expect(studio.get(task, "entity").entity).toEqual({ ...expected, name: "sh020" });
});

test("27: what a call returns is a copy", () => {
  const studio = new Studio();
  const asset = studio.make("Asset", { code: "Bunny" });
  const shot = studio.make("Shot", { assets: [asset], tag_list: ["a"] });
  const first = studio.get(shot, "assets", "tag_list");
  (first.assets as unknown[]).length = 0;
  (first.tag_list as string[]).push("b");
  expect(studio.get(shot, "assets", "tag_list")).toMatchObject({
    assets: [{ id: asset.id }],
    tag_list: ["a"],
  });
  const schema = studio.call("schema_read") as Record<string, Record<string, unknown>>;
  delete schema.Shot!.code;
  expect(studio.call("schema_read")).toHaveProperty("Shot.code");
});

test("45: removing two of three members leaves the third, once", () => {
  const studio = new Studio();
  const [one, two, three] = ["a", "b", "c"].map((code) => studio.make("Asset", { code }));
  const shot = studio.make("Shot", { assets: [one, two, three] });
  studio.update(shot, { assets: [one, two] }, "remove");
  expect(studio.get(shot, "assets").assets).toEqual([{ type: "Asset", id: three!.id, name: "c" }]);
});

test("46: removing nothing changes nothing", () => {
  const studio = new Studio();
  const asset = studio.make("Asset", { code: "a" });
  const shot = studio.make("Shot", { assets: [asset] });
  const before = studio.lastEvent;
  studio.update(shot, { assets: [] }, "remove");
  expect(studio.get(shot, "assets").assets).toHaveLength(1);
  expect(studio.lastEvent).toBe(before);
});

test("52: a batch is all or nothing", () => {
  const studio = new Studio();
  const requests = [
    {
      request_type: "create",
      type: "Shot",
      fields: [
        { field_name: "code", value: "kept?" },
        { field_name: "project", value: studio.project },
      ],
    },
    { request_type: "delete", type: "Shot", id: 99 },
  ];
  expect(() => studio.call("batch", requests)).toThrow(
    "API batch() request with index 1 failed.  All requests rolled back.\nAPI delete() CRUD ERROR #3: Entity of type [Shot] with id=99 does not exist.",
  );
  expect(studio.find("Shot")).toEqual([]);
});
