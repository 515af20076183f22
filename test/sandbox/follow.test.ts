import { describe, expect, test } from "vitest";
import { link, refusal, Studio } from "./studio.ts";

function followed() {
  const studio = new Studio();
  const person = studio.create("HumanUser", {
    login: "ana",
    name: "Ana Reis",
    sg_status_list: "dis",
    projects: [studio.project],
  });
  const user = link(person);
  return { studio, user, shot: studio.make("Shot"), task: studio.make("Task") };
}

describe("follow", () => {
  test("a person follows and leaves, as the reply says", () => {
    const { studio, user, shot } = followed();
    const entity = link(shot);
    expect(studio.call("follow", { user: { ...user, name: "Ana" }, entity })).toEqual({
      followed: true,
      user,
      entity,
    });
    studio.call("follow", { user, entity });
    expect(studio.call("followers", { entity })).toEqual([
      { ...user, name: "Ana Reis", status: "dis", valid: "valid" },
    ]);
    expect(studio.call("unfollow", { user, entity })).toEqual({ unfollowed: true, user, entity });
    studio.call("unfollow", { user, entity });
    expect(studio.call("followers", { entity })).toEqual([]);
  });

  test("what a person follows, by type and project; retired rows are left out", () => {
    const { studio, user, shot, task } = followed();
    const other = studio.create("Project", { name: "Other" });
    for (const entity of [shot, task]) studio.call("follow", { user, entity: link(entity) });
    const ids = (more: object) =>
      (studio.call("following", { user, ...more }) as { type: string }[]).map(({ type }) => type);
    expect(ids({})).toEqual(["Shot", "Task"]);
    expect(ids({ entity_type: "Task" })).toEqual(["Task"]);
    expect(ids({ entity_type: "Version" })).toEqual([]);
    expect(ids({ project: link(studio.project) })).toEqual(["Shot", "Task"]);
    expect(ids({ project: link(other), entity_type: "Shot" })).toEqual([]);
    expect(studio.delete(shot)).toBe(true);
    expect(ids({})).toEqual(["Task"]);
    studio.delete(user);
    expect(studio.call("followers", { entity: link(task) })).toEqual([]);
  });

  test("refuses what is no person, and what is not there", () => {
    const { studio, user, shot } = followed();
    expect(refusal(() => studio.call("follow", { user: link(shot), entity: link(shot) }))).toBe(
      `103 API follow() HumanUser(#..) expected, got Shot(#${shot.id})`,
    );
    expect(refusal(() => studio.call("follow", { user, entity: { type: "Shot", id: 999 } }))).toBe(
      "104 API follow() CRUD ERROR #3: Entity of type [Shot] with id=999 does not exist.",
    );
    expect(refusal(() => studio.call("followers", {}))).toContain("103 API followers() invalid/missing");
    expect(refusal(() => studio.call("following", { user, entity_type: "Nope" }))).toContain("103");
  });
});
