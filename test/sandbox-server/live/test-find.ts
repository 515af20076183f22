/** TestFind: relations by data type, with the values as single arguments and as a list, and their negations. */
import { expect, test } from "vitest";
import type { Entity, Filter } from "./query.ts";
import { type Live, liveClass, type Suite } from "./suite.ts";
import { Fault } from "./wire.ts";

interface Case {
  row: (live: Live) => Entity;
  field: string;
  /** The values to look for, the row's own among them. */
  values: (live: Live, row: Entity) => unknown[];
  /** Values that the row does not have. */
  others: unknown[];
}

const NOBODY = 99_999;

const CASES: Record<string, Case> = {
  id: { row: (live) => live.project, field: "id", values: (_live, { id }) => [id, NOBODY], others: [NOBODY] },
  text: {
    row: (live) => live.shot,
    field: "code",
    values: (_live, { code }) => [code, "something else"],
    others: ["something else"],
  },
  color: {
    row: (live) => live.task,
    field: "color",
    values: (_live, { color }) => [color, "Green"],
    others: ["Green"],
  },
  date: {
    row: (live) => live.task,
    field: "due_date",
    values: (_live, { due_date }) => [due_date, "2012-11-25"],
    others: ["2012-11-25"],
  },
  duration: {
    row: (live) => live.task,
    field: "duration",
    values: (_live, { duration }) => [duration, 4711],
    others: [4711],
  },
  entity: {
    row: (live) => live.task,
    field: "entity",
    values: (live) => [live.asset, live.shot],
    others: [{ type: "Shot", id: NOBODY }],
  },
  entity_type: {
    row: (live) => live.step,
    field: "entity_type",
    values: (_live, { entity_type }) => [entity_type, "something else"],
    others: ["something else"],
  },
  float: {
    row: (live) => live.version,
    field: "sg_frames_aspect_ratio",
    values: () => [13.3, 44],
    others: [4.4],
  },
  list: { row: (live) => live.version, field: "frame_count", values: () => [33, 1], others: [4, 10] },
  multi_entity: {
    row: (live) => live.task,
    field: "task_assignees",
    values: (live) => [live.human],
    others: [{ type: "HumanUser", id: NOBODY }],
  },
  number: { row: (live) => live.version, field: "frame_count", values: () => [33, 1], others: [1] },
  status_list: {
    row: (live) => live.task,
    field: "sg_status_list",
    values: (_live, { sg_status_list }) => [sg_status_list, "something else"],
    others: ["something else"],
  },
  uuid: {
    row: (live) => live.storage,
    field: "uuid",
    values: (_live, { uuid }) => [uuid, "something else"],
    others: ["something else"],
  },
};

export function testFind(suite: () => Suite): void {
  liveClass("TestFind", suite, "script", (live) => {
    test("test_find, test_find_in", async () => {
      const { sg, project, version } = live;
      const both: Filter[] = [
        ["project", "is", project],
        ["id", "is", version.id],
      ];
      expect((await sg.find("Version", both))[0]).toEqual({ type: "Version", id: version.id });
      const ids = [version.id, NOBODY];
      for (const filter of [
        ["id", "in", ...ids],
        ["id", "in", ids],
      ] as Filter[])
        expect(await sg.find("Version", [["project", "is", project], filter])).toHaveLength(1);
    });

    test.each(Object.keys(CASES))(
      "test_in_relation_comma_%s, _list_, test_not_in_relation_",
      async (name) => {
        const { row, field, values, others } = CASES[name]!;
        const found = await whole(live, row(live), [field]);
        expect(found[field], `${field} of ${found.type}`).not.toBeNull();
        const wanted = values(live, found);
        const inProject: Filter[] = "project" in found ? [["project", "is", live.project]] : [];
        for (const filter of [
          [field, "in", ...wanted],
          [field, "in", wanted],
          [field, "not_in", ...others],
          [field, "not_in", others],
        ] as Filter[]) {
          const ids = (await live.sg.find(found.type, [filter, ...inProject])).map(({ id }) => id);
          expect(ids, JSON.stringify(filter)).toContain(found.id);
        }
      },
    );

    test.each<[string, Filter]>([
      ["Shot", ["image", "is_not", [{ type: "Thumbnail", id: 9 }]]],
      ["HumanUser", ["password_proxy", "is_not", [null]]],
      ["EventLogEntry", ["meta", "is_not", [null]]],
      ["Revision", ["meta", "attachment", [null]]],
    ])("test_unsupported_filters: %s %j", async (type, filter) => {
      await expect(live.sg.findOne(type, [filter])).rejects.toThrow(Fault);
    });

    test("test_zero_is_not_none", async () => {
      const { sg, asset } = live;
      const field = "sg_api_tests_number_field";
      const fields = await sg.rpc<object>("schema_field_read", { type: "Asset" });
      if (!(field in fields)) expect(await createField(live, "Asset", "api tests number field")).toBe(field);
      const found = () =>
        sg.find(
          "Asset",
          [
            ["id", "is", asset.id],
            [field, "is_not", null],
          ] as Filter[],
          [field],
        );
      await sg.update("Asset", asset.id, { [field]: null });
      expect(await found()).toEqual([]);
      for (const value of [0, 1]) {
        await sg.update("Asset", asset.id, { [field]: value });
        expect(await found()).toEqual([{ type: "Asset", id: asset.id, [field]: value }]);
      }
    });

    test("test_include_archived_projects", async () => {
      const { sg, project, shot } = live;
      const find = (includeArchivedProjects: boolean) =>
        sg.findOne("Shot", [["id", "is", shot.id]], ["id"], { includeArchivedProjects });
      await sg.update("Project", project.id, { archived: true });
      expect(await find(true)).toMatchObject({ id: shot.id });
      expect(await find(false)).toBeNull();
      await sg.update("Project", project.id, { archived: false });
      expect(await find(false)).toMatchObject({ id: shot.id });
    });
  });
}

/** The row with what it has, and more: the set-up's own fields are asked for again, `type` and `id` among them. */
async function whole({ sg }: Live, row: Entity, more: string[]): Promise<Entity> {
  const found = await sg.findOne(row.type, [["id", "is", row.id]], [...Object.keys(row), ...more]);
  expect(found).toMatchObject({ type: row.type, id: row.id });
  return found!;
}

/** Makes a number field; the client sends the display name as a property. */
export function createField({ sg }: Live, type: string, name: string, data_type = "number"): Promise<string> {
  const properties = [{ property_name: "name", value: name }];
  return sg.rpc("schema_field_create", { type, data_type, properties });
}
