/** TestShotgunApi: methods one by one. Its files are in test-shotgun-api-files.ts. */
import { expect, test } from "vitest";
import type { Entity, Filter } from "./query.ts";
import { type Live, link, liveClass, type Suite } from "./suite.ts";
import { DATE_TIME } from "./test-utc.ts";

export function testShotgunApi(suite: () => Suite): void {
  liveClass("TestShotgunApi", suite, "script", (live) => {
    test("test_info, test_get_session_token", async () => {
      await setUp(live);
      expect(await live.sg.sessionToken()).toMatch(/./);
    });

    test("test_server_dates", async () => {
      const today = new Date().toISOString().slice(0, 10);
      const fields = ["content", "sg_status_list"];
      const task = await live.sg.create("Task", { project: live.project, start_date: today }, fields);
      expect(task.content).toMatch(/./);
      expect(task.sg_status_list).toMatch(/./);
    });

    test("test_batch", async () => {
      const { sg, shot, project } = live;
      const [made, updated] = (await sg.batch([
        { request_type: "create", type: "Shot", data: { code: "New Shot 5", project } },
        { request_type: "update", type: "Shot", id: shot.id, data: { code: "Changed 1" } },
      ])) as [Entity, Entity];
      expect(made.id).toBeGreaterThan(0);
      expect(updated).toEqual({ type: "Shot", id: shot.id, code: "Changed 1" });
      const back = { request_type: "update", type: "Shot", id: shot.id, data: { code: shot.code } } as const;
      const [deleted] = await sg.batch([{ request_type: "delete", type: "Shot", id: made.id }, back]);
      expect(deleted).toBe(true);
    });

    test("test_create_update_delete", async () => {
      const { sg } = live;
      const data = {
        project: live.project,
        code: "JohnnyApple_Design01_FaceFinal",
        description: "fixed rig per director final notes",
        sg_status_list: "rev",
        entity: live.asset,
        user: live.human,
      };
      const version = await sg.create("Version", data, ["id"]);
      expect(version).toEqual({ type: "Version", id: version.id });
      const updated = await sg.update("Version", version.id, { description: "updated test" });
      expect(updated).toEqual({ ...version, description: "updated test" });
      for (const [method, expected] of [
        ["delete", true],
        ["delete", false],
        ["revive", true],
        ["revive", false],
      ] as const)
        expect(await sg[method]("Version", version.id)).toBe(expected);
    });

    test("test_last_accessed", async () => {
      const [page] = await live.sg.find("Page", [], ["last_accessed"], { limit: 1 });
      expect(page).toMatchObject({ type: "Page", last_accessed: expect.stringMatching(DATE_TIME) });
    });

    test("test_simple_summary", async () => {
      const result = await summary(live, [["project", "is", live.project]]);
      expect(result.groups[0]).toMatchObject({ summaries: { id: 1 } });
      expect(result.groups[0]!.group_name).toBeTruthy();
      expect(result.groups[0]!.group_value).toBeTruthy();
      expect(result.summaries.id).toBeGreaterThan(0);
    });

    test("test_summary_include_archived_projects", async () => {
      const { sg, project } = live;
      await sg.update("Project", project.id, { archived: true });
      expect((await summary(live, [["project", "is", project]], false)).summaries.id).toBe(0);
      await sg.update("Project", project.id, { archived: false });
    });

    test("test_summary_values", async () => {
      const { sg, project } = live;
      const prefix = crypto.randomUUID();
      const shots: Entity[] = [];
      for (const [at, [sg_status_list, sg_cut_duration]] of [
        ["ip", 100],
        ["ip", 100],
        ["fin", 100],
        ["fin", 0],
      ].entries())
        shots.push(
          await sg.create("Shot", {
            code: `${prefix} Summary Shot ${at}`,
            sg_status_list,
            sg_cut_duration,
            project,
          }),
        );
      const result = await sg.summarize(
        "Shot",
        [
          ["project", "is", project],
          ["code", "starts_with", `${prefix} Summary Shot`],
        ],
        [
          { field: "id", type: "count" },
          { field: "sg_cut_duration", type: "sum" },
        ],
        [{ direction: "asc", field: "sg_status_list", type: "exact" }],
      );
      await sg.batch(shots.map(({ id }) => ({ request_type: "delete", type: "Shot", id })));
      const groups = result.groups.toSorted((one, other) =>
        String(one.group_name).localeCompare(String(other.group_name)),
      );
      expect(result.summaries).toEqual({ id: 4, sg_cut_duration: 300 });
      expect(groups).toEqual([
        { group_name: "fin", group_value: "fin", summaries: { id: 2, sg_cut_duration: 100 } },
        { group_name: "ip", group_value: "ip", summaries: { id: 2, sg_cut_duration: 200 } },
      ]);
    });

    test("test_json_dumps_default_ensure_ascii_disabled", async () => {
      expect(await live.sg.findOne("Note", [["content", "is", "Noëlご"]])).toBeNull();
    });

    test("test_work_schedule", async () => {
      const { sg, project } = live;
      const user = link(live.human);
      const span = { start_date: "2012-01-01", end_date: "2012-01-07", project, user };
      const read = () => sg.rpc<Record<string, unknown>>("work_schedule_read", span);
      const expected = await read();
      expect(Object.keys(expected)).toHaveLength(7);
      expect(expected["2012-01-06"]).toEqual({
        working: true,
        reason: "STUDIO_WORK_WEEK",
        description: null,
      });
      const days = [
        ["2012-01-02", "Studio Holiday", "STUDIO_EXCEPTION", { project: null, user: null }],
        ["2012-01-03", "Project Holiday", "PROJECT_EXCEPTION", { project, user: null }],
        ["2012-01-04", "Artist Holiday", "USER_EXCEPTION", { project: null, user }],
      ] as const;
      for (const [date, description, reason, whose] of days) {
        const order = { date, working: false, description, ...whose, recalculate_field: null };
        expect(await sg.rpc("work_schedule_update", order)).toEqual({
          date,
          description,
          working: false,
          ...whose,
        });
        expected[date] = { working: false, reason, description };
        expect(await read()).toEqual(expected);
      }
    });

    test("test_preferences_read", async () => {
      const { sg } = live;
      const all = await sg.rpc<Record<string, unknown>>("preferences_read", { prefs: [] });
      const { view_master_settings, creative_review_settings, ...rest } = all;
      expect(view_master_settings).toBeDefined();
      expect(creative_review_settings).toBeDefined();
      expect(Object.keys(rest)).toHaveLength(15);
      const some = { date_component_order: rest.date_component_order };
      for (const prefs of [
        ["date_component_order"],
        ["date_component_order", "email_notifications", "bogus"],
      ])
        expect(await sg.rpc("preferences_read", { prefs })).toMatchObject(some);
      expect(await sg.rpc("preferences_read", { prefs: ["bogus"] })).toEqual({});
    });
  });
}

/** Its own set-up, before every test. */
export async function setUp({ sg, note }: Live): Promise<void> {
  await sg.update("Note", note.id, { content: "La Peña" });
}

function summary({ sg }: Live, filters: Filter[], archived = true) {
  const grouping = [{ direction: "asc", field: "id", type: "exact" }];
  return sg.summarize("Shot", filters, [{ field: "id", type: "count" }], grouping, archived);
}
