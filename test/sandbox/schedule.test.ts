import { expect, test } from "vitest";
import { type Fields, link, refusal, Studio } from "./studio.ts";

const WEEK = { start_date: "2012-01-01", end_date: "2012-01-07", project: null, user: null };

function scheduled() {
  const studio = new Studio();
  const user = link(studio.find("HumanUser")[0]!);
  const project = link(studio.project);
  const read = (more: Fields = {}) =>
    studio.call("work_schedule_read", { ...WEEK, ...more }) as Record<string, Fields>;
  const update = (more: Fields) =>
    studio.call("work_schedule_update", {
      working: false,
      description: null,
      project: null,
      user: null,
      recalculate_field: null,
      ...more,
    });
  return { studio, user, project, read, update };
}

test("the studio's week, every day of it", () => {
  const { read } = scheduled();
  const plain = (working: boolean) => ({ working, reason: "STUDIO_WORK_WEEK", description: null });
  expect(read()).toEqual({
    "2012-01-01": plain(false),
    "2012-01-02": plain(true),
    "2012-01-03": plain(true),
    "2012-01-04": plain(true),
    "2012-01-05": plain(true),
    "2012-01-06": plain(true),
    "2012-01-07": plain(false),
  });
});

test("exceptions of studio, project and person; the most specific wins", () => {
  const { user, project, read, update } = scheduled();
  const studioDay = { date: "2012-01-02", working: false, description: "Studio Holiday" };
  expect(update(studioDay)).toEqual({ ...studioDay, project: null, user: null });
  expect(update({ date: "2012-01-03", description: "Wrap", project })).toMatchObject({ project, user: null });
  expect(update({ date: "2012-01-02", working: true, description: "Crunch", user })).toMatchObject({ user });
  expect(read()["2012-01-02"]).toEqual({
    working: false,
    reason: "STUDIO_EXCEPTION",
    description: "Studio Holiday",
  });
  expect(read()["2012-01-03"]!.reason).toBe("STUDIO_WORK_WEEK");
  expect(read({ project })).toMatchObject({
    "2012-01-02": { reason: "STUDIO_EXCEPTION" },
    "2012-01-03": { working: false, reason: "PROJECT_EXCEPTION", description: "Wrap" },
  });
  expect(read({ project, user })["2012-01-02"]).toEqual({
    working: true,
    reason: "USER_EXCEPTION",
    description: "Crunch",
  });
  update({ date: "2012-01-02", working: true, description: "Back" });
  expect(read()["2012-01-02"]).toEqual({ working: true, reason: "STUDIO_EXCEPTION", description: "Back" });
});

test("a holiday moves the due dates of the tasks that run over it, or their durations", () => {
  const { studio, project, update } = scheduled();
  const dates = { start_date: "2012-01-04", due_date: "2012-01-06" };
  const task = studio.make("Task", dates);
  const elsewhere = studio.create("Project", { name: "Other" });
  const other = studio.create("Task", { project: elsewhere, ...dates });
  const read = (of = task) => Object.values(studio.get(of, "due_date", "duration")).slice(2);
  expect(read()).toEqual(["2012-01-06", 1440]);
  update({ date: "2012-01-05", project, recalculate_field: "due_date" });
  expect(read()).toEqual(["2012-01-09", 1440]);
  expect(read(other)).toEqual(["2012-01-06", 1440]);
  update({ date: "2012-01-06", project, recalculate_field: "duration" });
  expect(read()).toEqual(["2012-01-09", 960]);
  studio.update(task, { duration: 1440 });
  expect(read()).toEqual(["2012-01-10", 1440]);
});

test("refuses what is no date, no switch, no person", () => {
  const { project, read, update } = scheduled();
  expect(refusal(() => read({ end_date: "soon" }))).toContain("103 API work_schedule_read()");
  expect(refusal(() => read({ end_date: "9999-12-31" }))).toContain("days apart");
  expect(refusal(() => update({ date: "2012-01-02", working: "no" }))).toContain("'working'");
  expect(refusal(() => update({ date: "2012-01-02", recalculate_field: "color" }))).toContain("due_date or");
  expect(refusal(() => update({ date: "2012-01-02", user: project }))).toContain("HumanUser(#..) expected");
});
