import { expect, test } from "vitest";
import { schemaFile } from "../../src/sandbox/schema/file.ts";
import { Schema } from "../../src/sandbox/schema/schema.ts";
import { Sides } from "../../src/sandbox/schema/sides.ts";
import { Studio } from "./studio.ts";

const studio = new Studio();

test("schema_entity_read: every type with its display name", () => {
  const types = studio.call("schema_entity_read") as Record<string, unknown>;
  expect(Object.keys(types)).toHaveLength(82);
  expect(types.HumanUser).toEqual({
    name: { value: "Person", editable: false },
    visible: { value: true, editable: false },
  });
  expect(studio.call("schema_entity_read", { project: { type: "Project", id: 0 } })).toEqual(types);
});

test("schema_field_read: the shape of a site", () => {
  const read = (type: string, field_name?: string) =>
    studio.call("schema_field_read", { type, ...(field_name && { field_name }) }) as Record<string, never>;
  expect(read("Shot", "sg_status_list")).toEqual({
    sg_status_list: {
      name: { value: "Status", editable: true },
      description: { value: "", editable: true },
      entity_type: { value: "Shot", editable: false },
      data_type: { value: "status_list", editable: false },
      editable: { value: true, editable: false },
      mandatory: { value: false, editable: false },
      unique: { value: false, editable: false },
      visible: { value: true, editable: false },
      ui_value_displayable: { value: true, editable: false },
      custom_metadata: { value: "", editable: true },
      properties: {
        default_value: { value: "wtg", editable: true },
        summary_default: { value: "status_list", editable: true },
        valid_values: { value: ["wtg", "rdy", "ip", "fin", "cbb", "omt", "hld"], editable: true },
        hidden_values: { value: [], editable: false },
        display_values: { value: expect.objectContaining({ wtg: "Waiting to Start" }), editable: false },
      },
    },
  });
  expect(read("Shot", "sg_head_in")).toMatchObject({ sg_head_in: { visible: { editable: true } } });
  expect(read("Shot", "assets")).toMatchObject({
    assets: { properties: { valid_types: { value: ["Asset"] } } },
  });
  expect(Object.keys(read("Shot"))).not.toContain("tag_list");
  expect(() => read("Shot", "nope")).toThrow("API schema_field_read() Shot.nope doesn't exist.");
  expect(() => read("Nope")).toThrow(/Valid entity types/);
});

test("schema_read is what schema_field_read says of each type", () => {
  const all = studio.call("schema_read") as Record<string, unknown>;
  expect(Object.keys(all)).toHaveLength(82);
  for (const type of ["Task", "EventLogEntry"])
    expect(all[type]).toEqual(studio.call("schema_field_read", { type }));
});

test("each field of each type can be read, filtered for a project, and sorted by", () => {
  for (const [type, { fields }] of Object.entries(schemaFile.entity_types)) {
    const names = Object.keys(fields);
    const filters: [string, string, unknown][] = fields.project ? [["project", "is", studio.project]] : [];
    for (const row of studio.find(type, filters, names, { sorts: [{ field_name: names[0] }] }))
      expect(Object.keys(row).sort()).toEqual([...new Set([...names, "type", "id"])].sort());
  }
});

test("two sides of a link are stored once", () => {
  const schema = new Schema(schemaFile);
  const sides = new Sides(schema);
  for (const type of schema.types)
    for (const field of type.fields.values()) {
      if (field.dataType !== "multi_entity") continue;
      const store = sides.store(field);
      for (const other of sides.others(field)) {
        if (other.dataType === "entity") {
          expect(store, `${type.name}.${field.name}`).toEqual({
            kind: "column",
            type: other.entityType,
            field: other.name,
          });
          continue;
        }
        const back = sides.store(other);
        const name = `${type.name}.${field.name} and ${other.entityType}.${other.name}`;
        expect(back.kind, name).toBe(store.kind);
        if (store.kind === "link" && back.kind === "link") {
          expect(back.key, name).toBe(store.key);
          expect(back.forward, name).not.toBe(store.forward);
        }
        if (store.kind === "connection" && back.kind === "connection")
          expect(back.connection, name).toEqual({
            type: store.connection.type,
            own: store.connection.other,
            other: store.connection.own,
          });
      }
    }
});
