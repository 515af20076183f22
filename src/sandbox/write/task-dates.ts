/**
 * A task's start, due date and duration agree: due = start + duration in working days (protocol notes 5.5).
 * The working week is Monday to Friday, a day has eight hours.
 */
import type { Values } from "../store/rows.ts";

const MINUTES_A_DAY = 8 * 60;
const DAY_MS = 86_400_000;

/** The one of the three that must follow the others; nothing when none was written. */
export function taskDates(given: Values, before: Values): Values {
  const now = { ...before, ...given };
  const [start, due, duration] = [now.start_date, now.due_date, now.duration] as [unknown, unknown, unknown];
  const wrote = (name: string) => name in given;
  if (wrote("start_date") && wrote("due_date") && wrote("duration")) return {};
  if (wrote("duration") && !wrote("due_date")) return withDue(start, duration);
  if (wrote("start_date") && !wrote("due_date") && duration) return withDue(start, duration);
  if (!(wrote("start_date") || wrote("due_date"))) return {};
  if (wrote("duration") || typeof due !== "string") return {};
  if (typeof start === "string") return { duration: Math.max(1, workingDays(start, due)) * MINUTES_A_DAY };
  return duration ? {} : { duration: MINUTES_A_DAY };
}

function withDue(start: unknown, duration: unknown): Values {
  if (typeof start !== "string" || typeof duration !== "number" || duration <= 0) return {};
  let left = Math.ceil(duration / MINUTES_A_DAY);
  let day = Date.parse(start);
  while (true) {
    if (isWorkday(day)) left--;
    if (left <= 0) return { due_date: new Date(day).toISOString().slice(0, 10) };
    day += DAY_MS;
  }
}

/** From the first day to the last, both included. */
function workingDays(start: string, due: string): number {
  const [first, last] = [Date.parse(start), Date.parse(due)];
  const days = Math.round((last - first) / DAY_MS) + 1;
  let count = Math.max(0, Math.floor(days / 7)) * 5;
  for (let day = first + Math.max(0, Math.floor(days / 7)) * 7 * DAY_MS; day <= last; day += DAY_MS)
    if (isWorkday(day)) count++;
  return count;
}

function isWorkday(day: number): boolean {
  const weekday = new Date(day).getUTCDay();
  return weekday !== 0 && weekday !== 6;
}
