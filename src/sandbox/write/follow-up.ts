/** What a write brings about in other rows: tasks of a template, dates of tasks that wait (protocol notes 5.5). */
import type { Call } from "../core.ts";
import type { Ref } from "../store/columns.ts";
import { moveDependent, moveDependents } from "./dependents.ts";
import { applyTemplate } from "./template.ts";

const DATES = ["start_date", "due_date", "duration", "pinned"];
const DEPENDENCY = ["dependency_type", "offset_days", "task", "dependent_task"];

/** @param written names of the fields that have got new values */
export function followUp(call: Call, row: Ref, written: readonly string[]): void {
  const wrote = (names: string[]) => written.some((name) => names.includes(name));
  const values = () => call.core.rows.find(row.type, row.id)!.values;
  if (row.type === "Task") {
    if (wrote(["upstream_tasks"])) moveDependent(call, row.id);
    else if (wrote(["downstream_tasks", ...DATES])) moveDependents(call, row.id);
  } else if (row.type === "TaskDependency") {
    const task = values().task as Ref | null;
    if (task && wrote(DEPENDENCY)) moveDependent(call, task.id);
  } else if (wrote(["task_template"]) && call.core.sides.other(entityOfTask(call), row.type)) {
    const template = values().task_template as Ref | null;
    if (template) applyTemplate(call, row, template);
  }
}

function entityOfTask({ core }: Call) {
  return core.schema.field("Task", "entity")!;
}
