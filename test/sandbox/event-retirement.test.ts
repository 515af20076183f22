import { describe, expect, test } from "vitest";
import { link, type Row, Studio } from "./studio.ts";
import { eventsOf, titles } from "./written.ts";

const AT = "2026-05-13 10:20:30 UTC";

describe("retirement", () => {
  test("the rows, and the entity that goes null in all that came before", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const before = studio.lastEvent;
    const events = eventsOf(studio, () => studio.delete(shot));
    expect(
      events.map(({ event_type, attribute_name, meta, entity }) => ({
        event_type,
        attribute_name,
        meta,
        entity,
      })),
    ).toEqual([
      {
        event_type: "Shotgun_Shot_Change",
        attribute_name: "retirement_date",
        entity: null,
        meta: {
          type: "attribute_change",
          attribute_name: "retirement_date",
          entity_type: "Shot",
          entity_id: shot.id,
          old_value: null,
          new_value: AT,
        },
      },
      {
        event_type: "Shotgun_Shot_Retirement",
        attribute_name: null,
        entity: null,
        meta: {
          type: "entity_retirement",
          class_name: "Shot",
          display_name: "sh010",
          entity_id: shot.id,
          entity_type: "Shot",
          id: shot.id,
          retirement_date: AT,
        },
      },
    ]);
    const older = studio.find(
      "EventLogEntry",
      [
        ["id", "less_than", before + 1],
        ["event_type", "starts_with", "Shotgun_Shot"],
      ],
      ["entity"],
    );
    expect(older.map(({ entity }) => entity)).toEqual([null, null, null]);
    expect(studio.ids("EventLogEntry", [["entity", "is", link(shot)]])).toEqual([]);
    const revived = eventsOf(studio, () => studio.revive(shot));
    expect(revived.map(({ event_type, meta }) => ({ event_type, meta }))).toEqual([
      {
        event_type: "Shotgun_Shot_Revival",
        meta: {
          type: "entity_revival",
          class_name: "Shot",
          display_name: "sh010",
          entity_id: shot.id,
          entity_type: "Shot",
          id: shot.id,
        },
      },
      {
        event_type: "Shotgun_Shot_Change",
        meta: {
          type: "attribute_change",
          attribute_name: "retirement_date",
          entity_type: "Shot",
          entity_id: shot.id,
          old_value: AT,
          new_value: null,
        },
      },
    ]);
    expect(studio.ids("EventLogEntry", [["entity", "is", link(shot)]])).toHaveLength(7);
  });

  test("a shot takes its versions along, and brings them back", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const version = studio.make("Version", { code: "v1", entity: shot });
    const gone = studio.make("Version", { code: "v0", entity: shot });
    studio.delete(gone);
    const events = eventsOf(studio, () => studio.delete(shot));
    expect(titles(events)).toContain("Shotgun_Version_Retirement");
    expect(studio.ids("Version", [])).toEqual([]);
    expect(eventsOf(studio, () => studio.revive(shot)).map(({ event_type }) => event_type)).toContain(
      "Shotgun_Version_Revival",
    );
    expect(studio.ids("Version", [])).toEqual([version.id]);
  });

  test("a task takes its dependencies along; links to it read as null until it is back", () => {
    const studio = new Studio();
    const [first, second] = ["Layout", "Anim"].map((content) => studio.make("Task", { content })) as [
      Row,
      Row,
    ];
    studio.update(second, { upstream_tasks: [link(first)] });
    const version = studio.make("Version", { sg_task: first });
    studio.delete(first);
    expect(studio.find("TaskDependency")).toEqual([]);
    expect(studio.get(second, "upstream_tasks").upstream_tasks).toEqual([]);
    expect(studio.get(version, "sg_task").sg_task).toBeNull();
    expect(studio.ids("Version", [["sg_task", "is", null]])).toEqual([version.id]);
    studio.revive(first);
    expect(studio.get(second, "upstream_tasks").upstream_tasks).toHaveLength(1);
    expect(studio.get(version, "sg_task").sg_task).toMatchObject({ id: first.id });
  });
});
