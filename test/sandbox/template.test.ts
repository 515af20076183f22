import { describe, expect, test } from "vitest";
import { link, type Row, refusal, Studio } from "./studio.ts";
import { eventsOf, titles } from "./written.ts";

/** Animation waits for Layout. */
function templated() {
  const studio = new Studio();
  const template = studio.create("TaskTemplate", { code: "Film shot", entity_type: "Shot" });
  const task = (content: string, fields: object = {}) =>
    studio.create("Task", { content, task_template: link(template), ...fields });
  const [layout, animation] = [task("Layout"), task("Animation")];
  studio.update(animation, { upstream_tasks: [link(layout)] });
  const tasksOf = (shot: Row) =>
    studio.find(
      "Task",
      [["entity", "is", link(shot)]],
      ["content", "template_task", "upstream_tasks", "project"],
    );
  return { studio, template, task, layout, animation, tasksOf };
}

describe("task templates", () => {
  test("2 tasks and 1 dependency are 21 rows beyond the shot's own", () => {
    const { studio, template, layout, animation, tasksOf } = templated();
    const plain = eventsOf(studio, () => studio.make("Shot", { code: "sh010" })).length;
    let shot: Row | undefined;
    const events = eventsOf(studio, () => {
      shot = studio.make("Shot", { code: "sh020", task_template: link(template) });
    });
    expect(events).toHaveLength(plain + 1 + 21);
    const task = [
      "Shotgun_Task_New",
      "Shotgun_Task_Change color",
      "Shotgun_Task_Change content",
      "Shotgun_Task_Change entity",
      "Shotgun_Shot_Change tasks",
      "Shotgun_Task_Change sg_sort_order",
      "Shotgun_Task_Change sg_status_list",
      "Shotgun_Task_Change template_task",
    ];
    expect(titles(events).slice(plain + 1)).toEqual([
      ...task,
      ...task,
      "Shotgun_TaskDependency_New",
      "Shotgun_TaskDependency_Change task",
      "Shotgun_TaskDependency_Change dependent_task",
      "Shotgun_Task_Change upstream_tasks",
      "Shotgun_Task_Change downstream_tasks",
    ]);
    const changes = events.filter(({ event_type }) => String(event_type).endsWith("_Change"));
    expect(changes.every(({ meta }) => (meta as { in_create?: boolean }).in_create)).toBe(true);
    const [first, second] = tasksOf(shot!);
    expect(first).toMatchObject({
      content: "Layout",
      template_task: { id: layout.id },
      project: { id: studio.project.id },
      upstream_tasks: [],
    });
    expect(second).toMatchObject({
      content: "Animation",
      template_task: { id: animation.id },
      upstream_tasks: [{ id: first!.id }],
    });
  });

  test("a dependency keeps its kind; steps, durations and assignees are taken over", () => {
    const { studio, template, task, tasksOf } = templated();
    const step = studio.find("Step", [["entity_type", "is", "Shot"]])[0]!;
    const who = studio.find("HumanUser")[0]!;
    const comp = task("Comp", { step: link(step), duration: 960, task_assignees: [link(who)] });
    const light = task("Light");
    studio.create("TaskDependency", {
      task: link(comp),
      dependent_task: link(light),
      dependency_type: "start-to-start",
      offset_days: 2,
    });
    const shot = studio.make("Shot", { task_template: link(template) });
    const made = tasksOf(shot).find(({ content }) => content === "Comp")!;
    expect(studio.get(made, "step", "duration", "task_assignees")).toMatchObject({
      step: { id: step.id },
      duration: 960,
      task_assignees: [{ id: who.id }],
    });
    expect(
      studio.find("TaskDependency", [["task_id", "is", made.id]], ["dependency_type", "offset_days"]),
    ).toMatchObject([{ dependency_type: "start-to-start", offset_days: 2 }]);
  });

  test("applied later, and again, it makes what is missing, always in_create", () => {
    const { studio, template, task, tasksOf } = templated();
    const shot = studio.make("Shot", { code: "sh010" });
    studio.update(shot, { task_template: link(template) });
    expect(tasksOf(shot)).toHaveLength(2);
    task("Comp");
    studio.update(shot, { task_template: null });
    const events = eventsOf(studio, () => studio.update(shot, { task_template: link(template) }));
    expect(tasksOf(shot).map(({ content }) => content)).toEqual(["Layout", "Animation", "Comp"]);
    const back = events.find(({ attribute_name }) => attribute_name === "tasks")!;
    expect(back.meta).toMatchObject({ in_create: true, entity_type: "Task" });
    expect(eventsOf(studio, () => studio.update(shot, { task_template: link(template) }))).toEqual([]);
  });

  test("a template that is deleted takes its own tasks along, not those it made", () => {
    const { studio, template, layout, tasksOf } = templated();
    const shot = studio.make("Shot", { task_template: link(template) });
    studio.delete(template);
    expect(studio.ids("Task", [["id", "is", layout.id]])).toEqual([]);
    expect(tasksOf(shot)).toHaveLength(2);
  });

  test("only a template's task may do without a project", () => {
    const { studio } = templated();
    expect(refusal(() => studio.create("Task", { content: "Comp" }))).toContain("missing 'project'");
  });
});
