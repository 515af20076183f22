/** The wire methods `work_schedule_read` and `work_schedule_update` (protocol notes 3 and 9.7). */
import type { Call } from "../core.ts";
import { wireDate } from "../dates.ts";
import { malformed } from "../fault.ts";
import { linkOrNullIn } from "../social/payload.ts";
import type { Ref } from "../store/columns.ts";
import { rescheduleTasks } from "../write/dependents.ts";
import { Calendar, type Day, nextDay, type Owner, STUDIO, setDay } from "./calendar.ts";

type Payload = Record<string, unknown>;

const MOST_DAYS = 20_000;

/** One entry for each day from `start_date` to `end_date`, both included. */
export function workScheduleRead(call: Call, payload: Payload): Record<string, Day> {
  const [start, end] = [dateIn(call, payload, "start_date"), dateIn(call, payload, "end_date")];
  if ((Date.parse(end) - Date.parse(start)) / 86_400_000 > MOST_DAYS)
    throw malformed(`API ${call.method}() 'start_date' and 'end_date' are more than ${MOST_DAYS} days apart`);
  const { project, user } = ownersIn(call, payload);
  const calendar = new Calendar(call.core, { project: project?.id ?? null, user: user?.id ?? null });
  const days: Record<string, Day> = {};
  for (let date = start; date <= end; date = nextDay(date)) days[date] = calendar.day(date);
  return days;
}

/** With both a project and a user, the exception is the user's. */
export function workScheduleUpdate(call: Call, payload: Payload): object {
  const date = dateIn(call, payload, "date");
  const { working, description = null, recalculate_field: field = null } = payload;
  if (typeof working !== "boolean") throw malformed(`API ${call.method}() invalid/missing boolean 'working'`);
  if (description !== null && typeof description !== "string")
    throw malformed(`API ${call.method}() invalid string 'description': ${JSON.stringify(description)}`);
  if (field !== null && field !== "due_date" && field !== "duration")
    throw malformed(
      `API ${call.method}() invalid 'recalculate_field': ${JSON.stringify(field)}: expected due_date or duration`,
    );
  const { project, user } = ownersIn(call, payload);
  setDay(call.core, ownerOf(project, user), date, working, description);
  // Tasks follow the calendars of studio and project; a person's own days leave them alone.
  if (field !== null && !user) rescheduleTasks(call, date, project?.id ?? null, field);
  return { date, working, description, project: payload.project ?? null, user: payload.user ?? null };
}

function ownerOf(project: Ref | null, user: Ref | null): Owner {
  if (user) return { kind: "user", id: user.id };
  return project ? { kind: "project", id: project.id } : STUDIO;
}

function ownersIn(call: Call, payload: Payload): { project: Ref | null; user: Ref | null } {
  return {
    project: linkOrNullIn(call, payload, "project", "Project"),
    user: linkOrNullIn(call, payload, "user", "HumanUser"),
  };
}

function dateIn(call: Call, payload: Payload, key: string): string {
  const value = payload[key];
  const date = typeof value === "string" ? wireDate(value) : null;
  if (date) return date;
  throw malformed(`API ${call.method}() invalid/missing date '${key}': ${JSON.stringify(value ?? null)}`);
}
