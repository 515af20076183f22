/** A studio's own schema over that of a fresh site. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { SchemaReply } from "../../src/sandbox/schema/studio-schema.ts";
import { link, refusal, Studio } from "./studio.ts";

type Properties = Record<string, unknown>;

function field(data_type: string, name: string, properties: Properties = {}, editable = true) {
  const changeable = (value: unknown) => ({ value, editable: true });
  return {
    data_type: { value: data_type, editable: false },
    name: changeable(name),
    editable: { value: editable, editable: false },
    visible: { value: true, editable: true },
    properties: Object.fromEntries(
      Object.entries(properties).map(([key, value]) => [key, changeable(value)]),
    ),
  };
}

const OWN: SchemaReply = {
  Shot: {
    sg_rig: field("entity", "Rig", { valid_types: ["CustomEntity31"] }),
    sg_weather: field("list", "Weather", { valid_values: ["rain", "sun"], default_value: "sun" }),
    sg_status_list: field("status_list", "State", { valid_values: ["wtg", "lit"], default_value: "lit" }),
    sg_cost: field("magic", "Cost"),
    code: field("number", "Code"),
  },
  CustomEntity31: {
    code: field("text", "Rig Name"),
    project: field("entity", "Project", { valid_types: ["Project"] }),
    created_at: field("date_time", "Date Created", {}, false),
    sg_shots: field("multi_entity", "Shots", { valid_types: ["Shot"] }),
    sg_locked: field("checkbox", "Locked", { default_value: true }),
    image: field("image", "Thumbnail"),
  },
  DisplayColumn: { code: field("text", "Code") },
};

test("its fields, lists and custom entities work like a site's own", () => {
  const studio = new Studio({ schema: OWN });
  const rig = studio.make("CustomEntity31", {}, ["code", "created_at", "sg_locked", "image"]);
  expect(rig).toMatchObject({ code: "New CustomEntity31 1", sg_locked: true, image: null });
  expect(rig.created_at).toMatch(/Z$/);
  const before = studio.lastEvent;
  const shot = studio.make("Shot", { code: "sh010", sg_rig: link(rig) }, [
    "sg_rig",
    "sg_weather",
    "sg_status_list",
  ]);
  expect(shot).toMatchObject({
    sg_rig: { type: "CustomEntity31", id: rig.id, name: rig.code },
    sg_weather: "sun",
    sg_status_list: "lit",
  });
  expect(studio.events(before).map(({ attribute_name }) => attribute_name)).toContain("sg_rig");
  studio.update(rig, { sg_shots: [link(shot)] });
  expect(studio.ids("CustomEntity31", [["sg_shots.Shot.code", "is", "sh010"]])).toEqual([rig.id]);
  expect(studio.ids("Shot", [["sg_rig.CustomEntity31.sg_locked", "is", true]])).toEqual([shot.id]);
  expect(refusal(() => studio.update(shot, { sg_weather: "snow" }))).toMatch(/not a valid list value/);
  expect(refusal(() => studio.update(rig, { created_at: "2026-01-01T00:00:00Z" }))).toMatch(/on create only/);
});

test("it is read back; what the studio lacks stays, and the site's own work keeps its data types", () => {
  const studio = new Studio({ schema: OWN });
  const read = (type: string) =>
    studio.call("schema_field_read", { type }) as Record<string, Record<string, { value: unknown }>>;
  const shot = read("Shot");
  expect(shot.sg_weather!.properties).toMatchObject({ valid_values: { value: ["rain", "sun"] } });
  expect(shot.sg_status_list!.name!.value).toBe("State");
  expect(shot).toHaveProperty("sg_cut_in");
  expect(shot).not.toHaveProperty("sg_cost");
  expect(shot.code!.data_type!.value).toBe("text");
  expect(read("CustomEntity31").code!.name!.value).toBe("Rig Name");
  expect(studio.call("schema_field_create", newField("Shot", "Rig"))).toBe("sg_rig_1");
  // What one sandbox gives, another takes.
  const second = new Studio({ schema: studio.call("schema_read") as SchemaReply });
  expect(second.call("schema_read")).toEqual(studio.call("schema_read"));
  expect(new Studio().call("schema_read")).not.toHaveProperty("CustomEntity31");
});

function newField(type: string, name: string) {
  return { type, data_type: "text", properties: [{ property_name: "name", value: name }] };
}

test("a site that was kept gets the fields that are new in the schema", () => {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-schema-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const storage = join(folder, "site.db");
  const first = new Studio({ storage });
  const shot = first.make("Shot", { code: "sh010" });
  first.update(first.project, { name: "An older film" });
  first.site.close();
  const second = new Studio({ storage, schema: OWN });
  expect(second.update(shot, { sg_weather: "rain" })).toMatchObject({ sg_weather: "rain" });
  expect(second.get(shot, "code", "sg_rig")).toMatchObject({ code: "sh010", sg_rig: null });
  second.site.close();
});

test.each<[string, unknown, RegExp]>([
  ["no object", [], /cannot be used: it: /],
  ["a field without a data type", { Shot: { sg_x: {} } }, /Shot\.sg_x\.data_type/],
  [
    "a name that is none",
    { Shot: { 'sg_x" TEXT': field("text", "X") } },
    /Shot\.sg_x" TEXT: is not the name of a field/,
  ],
  ["a table of the sandbox's", { site_secret: {} }, /site_secret: is not the name of an entity type/],
])("%s is refused in one sentence", (_name, schema, message) => {
  expect(() => new Studio({ schema: schema as SchemaReply })).toThrow(message);
});
