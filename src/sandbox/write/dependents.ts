/**
 * Tasks that wait for others move with them (protocol notes 5.5): a task that is not pinned starts on the first day
 * that all its upstream tasks allow. A pinned one stays, and tells that it is violated. Tasks without dates have none
 * to move.
 */

import type { Call } from "../core.ts";
import { writeChange } from "../events/write.ts";
import { asText } from "../fault.ts";
import { type Calendar, nextDay } from "../schedule/calendar.ts";
import type { Row, Values } from "../store/rows.ts";
import { calendarOf, daysOf, durationOf, taskDates } from "./task-dates.ts";

interface Dependency {
  kind: string;
  offset: number;
  start: string | null;
  due: string | null;
}

/** Brings the tasks after this one, near and far, in line with its dates. */
export function moveDependents(call: Call, id: number): void {
  const [first, ...later] = inOrder(call, id);
  if (first !== undefined) settle(call, first, false);
  for (const task of later) settle(call, task, true);
}

/** The same after a dependency of this task was written: the task itself may move. */
export function moveDependent(call: Call, id: number): void {
  for (const task of inOrder(call, id)) settle(call, task, true);
}

/** Brings the tasks that run over `date` in line with a changed calendar. */
export function rescheduleTasks(
  call: Call,
  date: string,
  project: number | null,
  field: "due_date" | "duration",
): void {
  const ids = call.core.db.all(
    `SELECT id FROM "Task" WHERE "row.live" = 1 AND start_date <= ? AND due_date >= ?
     AND "project.id" IS coalesce(?, "project.id") ORDER BY id`,
    [date, date, project],
  );
  for (const [id] of ids) {
    const row = call.core.rows.find("Task", id as number)!;
    const { start_date: start, due_date: due, duration } = row.values as Record<string, string>;
    const calendar = calendarOf(call.core, row.values);
    const value =
      field === "due_date" ? calendar.after(start!, daysOf(duration)) : durationOf(start!, due!, calendar);
    if (changeTask(call, row, { [field]: value })) moveDependents(call, row.id);
  }
}

/** The task and all that wait for it, each after those it waits for. */
function inOrder(call: Call, id: number): number[] {
  const order: number[] = [];
  const seen = new Set<number>();
  const visit = (task: number) => {
    if (seen.has(task)) return;
    seen.add(task);
    const waiting = call.core.db.all(
      `SELECT "task.id" FROM "TaskDependency" WHERE "row.live" = 1 AND "dependent_task.id" = ? ORDER BY id`,
      [task],
    );
    for (const [next] of waiting) if (next !== null) visit(next as number);
    order.push(task);
  };
  visit(id);
  return order.reverse();
}

function settle(call: Call, id: number, mayMove: boolean): void {
  const row = call.core.rows.find("Task", id);
  if (!row?.live) return;
  const calendar = calendarOf(call.core, row.values);
  const start = row.values.start_date as string | null;
  const allowed = start === null ? null : earliestStart(call, row, calendar);
  const stays = !mayMove || row.values.pinned === true;
  if (allowed !== null && !stays && allowed !== start) {
    const moved: Values = { start_date: allowed };
    changeTask(call, row, { ...moved, ...taskDates(moved, row.values, calendar) });
  }
  const violated = stays && allowed !== null && start! < allowed;
  if (violated !== (row.values.dependency_violation === true))
    call.core.rows.update(row.type, id, { dependency_violation: violated });
}

/** Null when no upstream task has the date that counts. */
function earliestStart(call: Call, row: Row, calendar: Calendar): string | null {
  let latest: string | null = null;
  for (const dependency of dependenciesOf(call, row.id)) {
    const start = startAfter(dependency, daysOf(row.values.duration), calendar);
    if (start !== null && (latest === null || start > latest)) latest = start;
  }
  return latest;
}

function startAfter(
  { kind, offset, start, due }: Dependency,
  days: number,
  calendar: Calendar,
): string | null {
  const from = kind.startsWith("start-") ? start : due;
  if (from === null) return null;
  const base = kind.endsWith("-next-day") ? nextDay(from) : from;
  const first = calendar.after(base, 1);
  const day = offset < 0 ? calendar.before(first, 1 - offset) : calendar.after(first, offset + 1);
  return kind.includes("-to-finish") ? calendar.before(day, days) : day;
}

function dependenciesOf(call: Call, id: number): Dependency[] {
  const rows = call.core.db.all(
    `SELECT d.dependency_type, d.offset_days, t.start_date, t.due_date FROM "TaskDependency" d
     JOIN "Task" t ON t.id = d."dependent_task.id" AND t."row.live" = 1
     WHERE d."row.live" = 1 AND d."task.id" = ?`,
    [id],
  );
  return rows.map(([kind, offset, start, due]) => ({
    kind: asText(kind ?? "finish-to-start-next-day"),
    offset: Number(offset ?? 0),
    start: start as string | null,
    due: due as string | null,
  }));
}

/** Writes what differs, with its events. */
function changeTask(call: Call, row: Row, values: Values): boolean {
  const changed = Object.entries(values).filter(([name, value]) => row.values[name] !== value);
  if (changed.length === 0) return false;
  const { user } = call.caller;
  const stamps = { updated_at: call.at, updated_by: { type: user.type, id: user.id } };
  call.core.rows.update(row.type, row.id, { ...Object.fromEntries(changed), ...stamps });
  for (const [name, value] of changed) {
    const field = row.type.fields.get(name)!;
    writeChange(
      call,
      { type: "Task", id: row.id },
      { field, old: row.values[name] ?? null, new: value },
      false,
    );
  }
  return true;
}
