/**
 * A task's start, due date and duration agree: due = start + duration in working days (protocol notes 5.5). A
 * working day has eight hours; which days are worked is the calendar's to say.
 */
import type { Core } from "../core.ts";
import { Calendar } from "../schedule/calendar.ts";
import type { Ref } from "../store/columns.ts";
import type { Values } from "../store/rows.ts";

const MINUTES_A_DAY = 8 * 60;

/** The calendar that the dates of a task with these values follow. */
export function calendarOf(core: Core, task: Values): Calendar {
  return new Calendar(core, { project: (task.project as Ref | null | undefined)?.id ?? null });
}

/** The one of the three that must follow the others; nothing when none was written. */
export function taskDates(given: Values, before: Values, calendar: Calendar): Values {
  const now = { ...before, ...given };
  const [start, due, duration] = [now.start_date, now.due_date, now.duration] as [unknown, unknown, unknown];
  const wrote = (name: string) => name in given;
  if (wrote("start_date") && wrote("due_date") && wrote("duration")) return {};
  if (wrote("duration") && !wrote("due_date")) return withDue(start, duration, calendar);
  if (wrote("start_date") && !wrote("due_date") && duration) return withDue(start, duration, calendar);
  if (!(wrote("start_date") || wrote("due_date"))) return {};
  if (wrote("duration") || typeof due !== "string") return {};
  if (typeof start === "string") return { duration: durationOf(start, due, calendar) };
  return duration ? {} : { duration: MINUTES_A_DAY };
}

/** Minutes of work from the first day to the last, one day at least. */
export function durationOf(start: string, due: string, calendar: Calendar): number {
  return Math.max(1, calendar.count(start, due)) * MINUTES_A_DAY;
}

/** Working days that a task takes; a part of a day counts as one. */
export function daysOf(duration: unknown): number {
  return typeof duration === "number" ? Math.max(1, Math.ceil(duration / MINUTES_A_DAY)) : 1;
}

function withDue(start: unknown, duration: unknown, calendar: Calendar): Values {
  if (typeof start !== "string" || typeof duration !== "number" || duration <= 0) return {};
  return { due_date: calendar.after(start, daysOf(duration)) };
}
