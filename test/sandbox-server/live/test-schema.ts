/** TestReadAdditionalFilterPresets and TestShotgunApiLong. */
import { expect, test } from "vitest";
import type { Filter, Values } from "./query.ts";
import { type Live, liveClass, type Suite } from "./suite.ts";
import { createField } from "./test-find.ts";
import { Fault } from "./wire.ts";

type Property = { value: unknown; editable: boolean };
type Fields = Record<string, Record<string, Property>>;

const LATEST = { preset_name: "LATEST", latest_by: "ENTITIES_CREATED_AT" };

export function testReadAdditionalFilterPresets(suite: () => Suite): void {
  liveClass("TestReadAdditionalFilterPresets", suite, "script", (live) => {
    const filters = (): Filter[] => [
      ["project", "is", live.project],
      ["id", "is", live.version.id],
    ];

    test("test_simple_case, test_find_one", async () => {
      const { sg, version } = live;
      const wanted = { type: "Version", id: version.id };
      expect(await sg.find("Version", filters(), ["id"], { presets: [LATEST] })).toEqual([wanted]);
      expect(await sg.findOne("Version", filters(), ["id"], { presets: [LATEST] })).toEqual(wanted);
    });

    test.each([
      ["test_filter_with_no_name", [{}]],
      ["test_invalid_filter", [{ preset_name: "BAD_FILTER" }]],
      ["test_filter_not_iterable", 3],
      ["test_filter_not_list_of_iterable", [3]],
      [
        "test_multiple_latest_filters",
        [LATEST, { preset_name: "LATEST", latest_by: "BY_PIPELINE_STEP_NUMBER_AND_ENTITIES_CREATED_AT" }],
      ],
    ])("%s", async (_name, presets) => {
      await expect(live.sg.find("Version", filters(), ["id"], { presets })).rejects.toThrow(Fault);
    });

    test("test_modify_visibility", async () => {
      const { sg } = live;
      const name = "sg_project_visibility_test";
      const read = (more: Values = {}) =>
        sg.rpc<Fields>("schema_field_read", { type: "Asset", field_name: name, ...more });
      const all = await sg.rpc<Fields>("schema_field_read", { type: "Asset" });
      if (!(name in all))
        expect(await createField(live, "Asset", "Project Visibility Test", "text")).toBe(name);
      const [first, second] = await sg.find("Project", [], ["id"], {
        order: [{ field_name: "id", direction: "asc" }],
        limit: 2,
      });
      const show = (project: unknown, value: boolean) =>
        sg.rpc("schema_field_update", {
          type: "Asset",
          field_name: name,
          properties: [{ property_name: "visible", value }],
          project,
        });
      const visible = async (project: unknown) => (await read({ project }))[name]!.visible;
      for (const project of [first, second]) {
        expect(await show(project, true)).toBe(true);
        expect(await visible(project)).toEqual({ value: true, editable: true });
      }
      expect(all.code!.visible!.editable).toBe(false);
      expect((await read())[name]!.visible).toEqual({ value: true, editable: true });
      await show(first, false);
      expect(await visible(first)).toEqual({ value: false, editable: true });
      expect(await visible(second)).toEqual({ value: true, editable: true });
      await show(first, true);
      expect(await visible(first)).toEqual({ value: true, editable: true });
    });
  });
}

export function testShotgunApiLong(suite: () => Suite): void {
  liveClass("TestShotgunApiLong", suite, "script", (live) => {
    test("test_automated_find", async () => {
      const { sg, project } = live;
      const types = Object.keys(await sg.rpc<object>("schema_entity_read"));
      expect(types.length).toBeGreaterThan(75);
      const state = { desc: false, any: false, limit: 1, page: 1 };
      for (const type of types) {
        if (["Asset", "Task", "Shot", "Attachment"].includes(type)) continue;
        const schema = await sg.rpc<Fields>("schema_field_read", { type });
        const fields = Object.keys(schema);
        const sortable = fields.find((name) =>
          ["number", "date"].includes(String(schema[name]!.data_type!.value)),
        );
        const found = await sg.find(
          type,
          fields.includes("project") ? [["project", "is", project]] : [],
          fields,
          {
            order: sortable ? [{ field_name: sortable, direction: state.desc ? "desc" : "asc" }] : [],
            filterOperator: state.any ? "any" : "all",
            limit: state.limit,
            page: state.page,
          },
        );
        expect(found.length).toBeLessThanOrEqual(state.limit);
        // Every field of the schema can be read, whatever its type.
        for (const record of found) expect(Object.keys(record)).toEqual(expect.arrayContaining(fields));
        state.desc = !state.desc;
        state.any = !state.any;
        state.limit = (state.limit % 5) + 1;
        state.page = (state.page % 3) + 1;
      }
    });

    test("test_schema", async () => {
      const { sg } = live;
      const all = await sg.rpc<Record<string, Fields>>("schema_read");
      expect(all.Version).toEqual(await sg.rpc("schema_field_read", { type: "Version" }));
      const user = { type: "Version", field_name: "user" };
      expect(Object.keys(await sg.rpc<object>("schema_field_read", user))).toEqual(["user"]);
      const field = await sg.rpc("schema_field_create", {
        type: "Version",
        data_type: "number",
        properties: [
          { property_name: "name", value: `Monkey ${Date.now()}` },
          { property_name: "description", value: "How many monkeys were needed" },
        ],
      });
      expect(field).toMatch(/^sg_monkey_\d+$/);
      const order = {
        type: "Version",
        field_name: field,
        properties: [{ property_name: "description", value: "How many monkeys turned up" }],
      };
      expect(await sg.rpc("schema_field_update", order)).toBe(true);
      expect(await sg.rpc("schema_field_delete", { type: "Version", field_name: field })).toBe(true);
    });

    test("test_schema_with_project", async () => {
      const { sg } = live;
      const project = { type: "Project", id: 0 };
      expect(Object.keys(await sg.rpc<object>("schema_entity_read", { project }))).toContain("Version");
      expect(Object.keys(await sg.rpc<object>("schema_read", { project }))).toContain("Version");
      for (const more of [{}, { field_name: "user" }])
        expect(
          Object.keys(await sg.rpc<object>("schema_field_read", { type: "Version", project, ...more })),
        ).toContain("user");
    });
  });
}

export function testConnection(suite: () => Suite): void {
  liveClass("ServerConnectionTest", suite, "script", (live: Live) => {
    test("test_connection", async () => {
      expect((await live.sg.info()).api_max_entities_per_page).toBe(500);
    });
  });
}
