/** Setting `task_template` on a shot, an asset or the like makes its tasks (protocol notes 5.5 and 9.2). */
import type { Call } from "../core.ts";
import { writeChange } from "../events/write.ts";
import { CONNECTIONS } from "../schema/connections.ts";
import type { Field } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Row, Values } from "../store/rows.ts";
import { insertRow } from "./birth.ts";
import { connect } from "./connections.ts";
import type { Inputs } from "./inputs.ts";

/** What a task takes over from the template's. Its status is the default of a task, as made by hand. */
const COPIED = [
  "content",
  "step",
  "color",
  "duration",
  "est_in_mins",
  "milestone",
  "sg_description",
  "sg_priority_1",
  "sg_sort_order",
];
const COPIED_LISTS = ["task_assignees", "task_reviewers", "tags"];

/** Makes the tasks of the template that the entity does not have yet, and the dependencies between them. */
export function applyTemplate(call: Call, owner: Ref, template: Ref): void {
  const { core } = call;
  const project = core.rows.find(owner.type, owner.id)?.values.project ?? null;
  const made = new Map<number, number>();
  for (const id of tasksOf(call, template)) {
    if (!hasTask(call, owner, id)) made.set(id, makeTask(call, owner, project, core.rows.find("Task", id)!));
  }
  for (const [from, task] of made) linkUpstream(call, from, task, made);
}

/** The template's own tasks, in their order. */
function tasksOf({ core }: Call, template: Ref): number[] {
  const rows = core.db.all(
    `SELECT id FROM "Task" WHERE "row.live" = 1 AND "task_template.id" = ? AND "entity.id" IS NULL ORDER BY sg_sort_order, id`,
    [template.id],
  );
  return rows.map(([id]) => id as number);
}

function hasTask({ core }: Call, owner: Ref, templateTask: number): boolean {
  const found = core.db.get(
    `SELECT 1 FROM "Task" WHERE "row.live" = 1 AND "entity.id" = ? AND "entity.type" = ? AND "template_task.id" = ?`,
    [owner.id, owner.type, templateTask],
  );
  return found !== undefined;
}

function makeTask(call: Call, owner: Ref, project: unknown, from: Row): number {
  const { core } = call;
  const values: Values = { project, entity: owner, template_task: { type: "Task", id: from.id } };
  for (const name of COPIED) if (from.values[name] !== null) values[name] = from.values[name];
  const lists: Inputs["lists"] = [];
  for (const name of COPIED_LISTS) {
    const field = from.type.fields.get(name);
    if (field) lists.push({ field, refs: core.links.of(field, from.id), mode: "set" });
  }
  return insertRow(call, from.type, { values, lists, secret: null });
}

function linkUpstream(call: Call, from: number, task: number, made: Map<number, number>): void {
  const { core } = call;
  const field = core.schema.field("Task", "upstream_tasks") as Field;
  const own = { type: "Task", id: task };
  const rows = core.db.all(
    `SELECT "dependent_task.id", dependency_type, offset_days FROM "TaskDependency" WHERE "row.live" = 1 AND "task.id" = ? ORDER BY id`,
    [from],
  );
  for (const [upstream, dependency_type, offset_days] of rows) {
    const id = made.get(upstream as number);
    if (id === undefined) continue;
    const other = { type: "Task", id };
    connect(call, CONNECTIONS["Task.upstream_tasks"]!, own, other, { dependency_type, offset_days });
    writeChange(call, own, { field, added: [other], removed: [] }, true);
  }
}
