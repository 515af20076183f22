/** What a change of the schema leaves, and survives. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { change, make, properties, read } from "./field-calls.ts";
import { fieldList, group, link, refusal, Studio } from "./studio.ts";

test("making, changing and deleting a field leave DisplayColumn events", () => {
  const studio = new Studio();
  const before = studio.lastEvent;
  const name = make(studio, "Asset", "text", { name: "Temp" });
  change(studio, "Asset", name, { name: "Other" });
  change(studio, "Asset", name, { name: "Other" });
  const made = studio.events(before, [
    "event_type",
    "attribute_name",
    "entity",
    "description",
    "meta",
    "project",
  ]);
  const entity = { type: "DisplayColumn", id: 1, name };
  expect(made[0]).toMatchObject({
    event_type: "Shotgun_DisplayColumn_New",
    attribute_name: null,
    entity,
    project: null,
    description: `tester created new Field ${name}`,
    meta: { type: "new_entity", entity_type: "DisplayColumn", entity_id: 1 },
  });
  expect(made.slice(1, -1)).toMatchObject(
    ["name", "data_type", "entity_type"].map((attribute_name) => ({
      attribute_name,
      entity,
      meta: { in_create: true },
    })),
  );
  expect(made.at(-1)).toMatchObject({
    event_type: "Shotgun_DisplayColumn_Change",
    attribute_name: "name",
    description: `tester changed "name" from "Temp" to "Other" on Field ${name}`,
    meta: { old_value: "Temp", new_value: "Other" },
  });
  const last = studio.lastEvent;
  studio.call("schema_field_delete", { type: "Asset", field_name: name });
  expect(studio.events(last)).toMatchObject([
    { event_type: "Shotgun_DisplayColumn_Change", attribute_name: "retirement_date", entity: null },
    { event_type: "Shotgun_DisplayColumn_Retirement", attribute_name: null, entity: null },
  ]);
});

test("a field in the making is rolled back with its transaction", async () => {
  const studio = new Studio();
  const hold = studio.site.events.holdNext();
  const payload = { type: "Asset", data_type: "text", properties: properties({ name: "Late" }) };
  const reply = studio.site.callJsonAsync("schema_field_create", [studio.auth, payload]);
  expect(refusal(() => read(studio, "Asset", "sg_late"))).toMatch(/doesn't exist/);
  hold.abandon();
  expect(JSON.parse(await reply)).toHaveProperty("exception");
  expect(refusal(() => studio.find("Asset", [["sg_late", "is", "x"]]))).toMatch(/doesn't exist/);
  expect(make(studio, "Asset", "text", { name: "Late" })).toBe("sg_late");
  expect(refusal(() => studio.make("Asset", { sg_late: 1 }))).toMatch(/expected \[String/);
  expect(studio.get(studio.make("Asset", { sg_late: "x" }), "sg_late")).toMatchObject({ sg_late: "x" });
});

test("a file keeps its fields, changes, values and trash", () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-schema-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const storage = join(folder, "site.db");
  const first = new Studio({ storage });
  const name = make(first, "Asset", "multi_entity", { name: "Friends", valid_types: ["Asset"] });
  const trash = make(first, "Asset", "text", { name: "Trash" });
  change(first, "Shot", "sg_shot_type", { description: "kept" });
  change(first, "Asset", name, { visible: false }, { project: link(first.project) });
  const friend = first.make("Asset", { code: "friend" });
  const asset = first.make("Asset", { [name]: [friend] });
  first.call("schema_field_delete", { type: "Asset", field_name: trash });
  first.update(first.project, { name: "From before" });
  first.site.close();
  const second = new Studio({ storage });
  onTestFinished(() => second.site.close());
  expect(second.get(asset, name)).toMatchObject({
    [name]: [{ type: "Asset", id: friend.id, name: "friend" }],
  });
  expect(read(second, "Shot", "sg_shot_type").description!.value).toBe("kept");
  expect(read(second, "Asset", name, { project: link(first.project) }).visible!.value).toBe(false);
  expect(make(second, "Asset", "text", { name: "Trash" })).toBe("sg_trash_1");
});

test("a new field works in a batch and a summary", () => {
  const studio = new Studio();
  const name = make(studio, "Shot", "number", { name: "Weight" });
  const items = [1, 2].map((weight) => ({
    request_type: "create",
    type: "Shot",
    fields: fieldList({ project: link(studio.project), [name]: weight }),
  }));
  studio.call("batch", items);
  const sum = { type: "Shot", filters: group("and", []), summaries: [{ field: name, type: "sum" }] };
  expect(studio.call("summarize", sum)).toMatchObject({ summaries: { [name]: 3 } });
});
