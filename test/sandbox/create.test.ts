import { describe, expect, test } from "vitest";
import { type Fields, fieldList, NOW, refusal, Studio } from "./studio.ts";

describe("create", () => {
  test("replies with type, id and the fields asked for", () => {
    const studio = new Studio();
    expect(studio.make("Shot", { code: "sh010" }, ["code", "nope", "project.Project.name"])).toEqual({
      type: "Shot",
      id: 1,
      code: "sh010",
      "project.Project.name": "Marrow Lane",
    });
  });

  test("needs a project where the type has one", () => {
    const studio = new Studio();
    expect(refusal(() => studio.create("Shot", { code: "x" }))).toMatch(
      /^103 API create\(\) missing 'project' attribute: \{/,
    );
    expect(studio.create("Tag", { name: "x" }).id).toBeGreaterThan(0);
  });

  test("stamps, defaults and names come by themselves", () => {
    const studio = new Studio();
    const caller = { type: "ApiUser", id: 1, name: "tester" };
    const version = studio.make("Version", {}, [
      "code",
      "sg_status_list",
      "user",
      "created_by",
      "updated_by",
      "created_at",
      "updated_at",
      "flagged",
    ]);
    expect(version).toEqual({
      type: "Version",
      id: 1,
      code: "New Version 1",
      sg_status_list: "rev",
      user: caller,
      created_by: caller,
      updated_by: caller,
      created_at: NOW,
      updated_at: NOW,
      flagged: false,
    });
    expect(studio.make("Task", {}, ["content", "color", "duration"])).toMatchObject({
      content: "New Task 1",
      color: "pipeline_step",
      duration: null,
    });
    expect(studio.create("HumanUser", { login: "al", firstname: "Al", lastname: "Ode" }, ["name"]).name).toBe(
      "Al Ode",
    );
    expect(
      studio.create("HumanUser", { login: "bo", name: "Bo Lo Ma" }, ["firstname", "lastname"]),
    ).toMatchObject({ firstname: "Bo", lastname: "Lo Ma" });
  });

  test("a creation date may be given, on create only", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { created_at: "2016-05-03T04:50:30+01:00" }, ["created_at"]);
    expect(shot.created_at).toBe("2016-05-03T03:50:30Z");
    expect(refusal(() => studio.update(shot, { created_at: NOW }))).toMatch(
      /^103 API update\(\) Shot.created_at is editable on create only/,
    );
  });

  test("names that must be unique", () => {
    const studio = new Studio();
    expect(refusal(() => studio.create("Project", { name: "marrow lane" }))).toBe(
      "104 API create() CRUD ERROR #61: Create failed for [Project]. The value for the Project Name field is required to be unique. <br>",
    );
    studio.create("HumanUser", { login: "ann", name: "Ann" });
    expect(refusal(() => studio.create("HumanUser", { login: "ann", name: "Other" }))).toMatch(
      /^104 .*unique/,
    );
    const other = studio.create("Project", { name: "Other" });
    expect(refusal(() => studio.update(other, { name: "Marrow Lane" }))).toMatch(
      /^104 API update\(\) CRUD ERROR #51: Update failed for \[Project.name\]/,
    );
    expect(studio.update(other, { name: "Other" })).toMatchObject({ name: "Other" });
    expect(studio.update(other, { name: "OTHER" })).toMatchObject({ name: "OTHER" });
    studio.delete(other);
    expect(studio.create("Project", { name: "Other" }).id).toBeGreaterThan(other.id);
    expect([1, 2].map(() => studio.make("Shot", { code: "same" }).id)).toHaveLength(2);
  });
});

describe("dates of a task", () => {
  const dates = (fields: Fields, ...updates: Fields[]) => {
    const studio = new Studio();
    const task = studio.make("Task", fields);
    for (const update of updates) studio.update(task, update);
    const { start_date, due_date, duration } = studio.get(task, "start_date", "due_date", "duration");
    return [start_date, due_date, duration];
  };

  test("one of the three follows the others, over weekends", () => {
    expect(dates({ due_date: "1968-10-13" })).toEqual([null, "1968-10-13", 480]);
    expect(dates({ start_date: "2026-05-14", due_date: "2026-05-19" })).toEqual([
      "2026-05-14",
      "2026-05-19",
      4 * 480,
    ]);
    expect(dates({ start_date: "2026-05-15", duration: 2 * 480 })).toEqual(["2026-05-15", "2026-05-18", 960]);
    expect(dates({ start_date: "2026-05-15", duration: 960 }, { duration: 480 })).toEqual([
      "2026-05-15",
      "2026-05-15",
      480,
    ]);
    expect(dates({ start_date: "2026-05-11", duration: 960 }, { start_date: "2026-05-15" })).toEqual([
      "2026-05-15",
      "2026-05-18",
      960,
    ]);
  });

  test("a due date alone does not undo a duration", () => {
    expect(dates({}, { duration: 100 }, { due_date: "2026-05-15" })).toEqual([null, "2026-05-15", 100]);
    expect(dates({ due_date: "2026-05-15" }, { duration: 100 })).toEqual([null, "2026-05-15", 100]);
  });
});

describe("batch", () => {
  test("results in request order, of their kinds", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    expect(
      studio.call("batch", [
        {
          request_type: "create",
          type: "Shot",
          fields: fieldList({ code: "sh020", project: studio.project }),
          return_fields: ["code"],
        },
        { request_type: "update", type: "Shot", id: shot.id, fields: fieldList({ head_in: 3 }) },
        { request_type: "delete", type: "Shot", id: shot.id },
      ]),
    ).toEqual([
      { type: "Shot", id: shot.id + 1, code: "sh020" },
      { type: "Shot", id: shot.id, head_in: 3 },
      true,
    ]);
    expect(studio.call("batch", [])).toEqual([]);
  });

  test("is refused as a whole when its shape is wrong", () => {
    const studio = new Studio();
    expect(refusal(() => studio.call("batch", {}))).toMatch(/^103 /);
    expect(refusal(() => studio.call("batch", [{ request_type: "read" }]))).toMatch(
      /^104 .*index 0 failed.*\n.*request_type/,
    );
  });

  test("rolled back, names are as before", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "before" });
    const task = studio.make("Task", { entity: shot });
    const rename = {
      request_type: "update",
      type: "Shot",
      id: shot.id,
      fields: fieldList({ code: "after" }),
    };
    refusal(() => studio.call("batch", [rename, { request_type: "delete", type: "Shot", id: 99 }]));
    expect(studio.get(task, "entity").entity).toEqual({ type: "Shot", id: shot.id, name: "before" });
  });
});
