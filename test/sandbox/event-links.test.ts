import { describe, expect, test } from "vitest";
import { link, type Row, Studio } from "./studio.ts";
import { eventsOf, inMeta, titles } from "./written.ts";

describe("links", () => {
  test("a single link: old and new, and a row on each entity that lists it", () => {
    const studio = new Studio();
    const [one, two] = ["sh010", "sh020"].map((code) => studio.make("Shot", { code })) as [Row, Row];
    const task = studio.make("Task", { content: "Comp", entity: one });
    const before = studio.lastEvent;
    const events = eventsOf(studio, () => studio.update(task, { entity: link(two) }));
    expect(titles(events)).toEqual([
      "Shotgun_Task_Change entity",
      "Shotgun_Shot_Change tasks",
      "Shotgun_Shot_Change tasks",
    ]);
    expect(events[0]!.meta).toMatchObject({
      field_data_type: "entity",
      old_value: inMeta(one, "sh010", "wtg"),
      new_value: inMeta(two, "sh020", "wtg"),
    });
    const back = {
      type: "attribute_change",
      attribute_name: "tasks",
      entity_type: "Task",
      entity_id: task.id,
      field_data_type: "entity",
      actual_attribute_changed: "Task.entity",
      original_event_log_entry_id: before + 1,
    };
    const self = [inMeta(task, "Comp", "wtg")];
    expect(events[1]).toMatchObject({
      entity: { id: one.id, name: "sh010" },
      meta: { ...back, added: [], removed: self },
    });
    expect(events[2]).toMatchObject({
      entity: { id: two.id, name: "sh020" },
      meta: { ...back, added: self, removed: [] },
    });
    expect(Object.keys(events[2]!.meta as object)).not.toContain("in_create");
  });

  test("a link at birth: in_create on both rows", () => {
    const studio = new Studio();
    const shot = studio.make("Shot", { code: "sh010" });
    const events = eventsOf(studio, () => studio.make("Task", { content: "Comp", entity: shot }));
    expect(titles(events)).toEqual([
      "Shotgun_Task_New",
      "Shotgun_Task_Change color",
      "Shotgun_Task_Change content",
      "Shotgun_Task_Change entity",
      "Shotgun_Shot_Change tasks",
      "Shotgun_Task_Change sg_sort_order",
      "Shotgun_Task_Change sg_status_list",
    ]);
    expect(events[4]!.meta).toMatchObject({ in_create: true, original_event_log_entry_id: events[3]!.id });
  });

  test("a list of links: added and removed, no values", () => {
    const studio = new Studio();
    const [a, b] = ["A", "B"].map((code) => studio.make("Asset", { code })) as [Row, Row];
    const shot = studio.make("Shot", { code: "sh010", assets: [a] });
    const events = eventsOf(studio, () => studio.update(shot, { assets: [link(b)] }));
    expect(titles(events)).toEqual([
      "Shotgun_Shot_Change assets",
      "Shotgun_Asset_Change shots",
      "Shotgun_Asset_Change shots",
    ]);
    expect(events[0]!.meta).toEqual({
      type: "attribute_change",
      attribute_name: "assets",
      entity_type: "Shot",
      entity_id: shot.id,
      field_data_type: "multi_entity",
      added: [inMeta(b, "B", "wtg")],
      removed: [inMeta(a, "A", "wtg")],
    });
    expect(events[1]).toMatchObject({
      entity: { id: a.id },
      meta: { entity_type: "Shot", removed: [{ id: shot.id }] },
    });
    expect(events[2]).toMatchObject({
      entity: { id: b.id },
      meta: { entity_type: "Shot", added: [{ id: shot.id }] },
    });
  });

  test("a task that another shot takes over leaves a row on the shot that lost it", () => {
    const studio = new Studio();
    const [one, two] = ["sh010", "sh020"].map((code) => studio.make("Shot", { code })) as [Row, Row];
    const task = studio.make("Task", { content: "Comp", entity: one });
    const events = eventsOf(studio, () => studio.update(two, { tasks: [link(task)] }));
    expect(events.map((event) => [event.attribute_name, (event.entity as Row).id])).toEqual([
      ["tasks", one.id],
      ["tasks", two.id],
      ["entity", task.id],
    ]);
    expect(studio.get(one, "tasks").tasks).toEqual([]);
  });

  test("a dependency between tasks is a row of its own", () => {
    const studio = new Studio();
    const [first, second] = ["Layout", "Anim"].map((content) => studio.make("Task", { content })) as [
      Row,
      Row,
    ];
    const events = eventsOf(studio, () => studio.update(second, { upstream_tasks: [link(first)] }));
    expect(titles(events).sort()).toEqual(
      [
        "Shotgun_TaskDependency_Change dependency_type",
        "Shotgun_TaskDependency_Change dependent_task",
        "Shotgun_TaskDependency_Change task",
        "Shotgun_TaskDependency_New",
        "Shotgun_Task_Change downstream_tasks",
        "Shotgun_Task_Change upstream_tasks",
      ].filter((title) => !title.endsWith("dependency_type")),
    );
    const filters: [string, string, number][] = [
      ["dependent_task_id", "is", first.id],
      ["task_id", "is", second.id],
    ];
    expect(studio.find("TaskDependency", filters, ["dependency_type"])).toMatchObject([
      { dependency_type: "finish-to-start-next-day" },
    ]);
  });
});
