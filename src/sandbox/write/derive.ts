/** Fields that follow from others: a person's name, the dates of a task, the subject of a note. */
import type { Call } from "../core.ts";
import type { EntityType } from "../schema/schema.ts";
import type { Ref } from "../store/columns.ts";
import type { Row, Values } from "../store/rows.ts";
import type { Inputs } from "./inputs.ts";
import { calendarOf, taskDates } from "./task-dates.ts";

/** The values to create a row with, those that follow included. */
export function deriveOnCreate(call: Call, type: EntityType, inputs: Inputs): Values {
  const { values } = inputs;
  if (type.name === "HumanUser") return { ...values, ...personName(values, {}) };
  if (type.name === "Task") return newTask(call, values);
  if (type.name === "Note") return { ...values, subject: values.subject ?? noteSubject(call, inputs) };
  return values;
}

/** What an update changes besides the fields it names. */
export function deriveOnUpdate(call: Call, row: Row, values: Values): Values {
  if (row.type.name === "HumanUser") return personName(values, row.values);
  if (row.type.name === "Task")
    return taskDates(values, row.values, calendarOf(call.core, { ...row.values, ...values }));
  return {};
}

/** It comes last among the tasks of its entity. */
function newTask({ core }: Call, values: Values): Values {
  const dates = taskDates(values, {}, calendarOf(core, values));
  if (values.sg_sort_order !== undefined) return { ...values, ...dates };
  const { type = null, id = null } = (values.entity ?? {}) as Partial<Ref>;
  const [count] = core.db.get(`SELECT count(*) FROM "Task" WHERE "entity.id" = ? AND "entity.type" = ?`, [
    id,
    type,
  ])!;
  return { ...values, ...dates, sg_sort_order: Number(count) + 1 };
}

/** First and last name make the name, and the other way round. */
function personName(given: Values, before: Values): Values {
  if (typeof given.name === "string") {
    const [firstname, ...rest] = given.name.split(" ");
    return { firstname: given.firstname ?? firstname, lastname: given.lastname ?? (rest.join(" ") || null) };
  }
  if (!("firstname" in given || "lastname" in given)) return {};
  const { firstname, lastname } = { ...before, ...given };
  const name = [firstname, lastname].filter(Boolean).join(" ");
  return name ? { name } : {};
}

/** `Jane's Note on sh010` */
function noteSubject(call: Call, inputs: Inputs): string {
  const [link] = inputs.lists.find(({ field }) => field.name === "note_links")?.refs ?? [];
  const on = link ? ` on ${call.core.names.nameOf(link.type, link.id) ?? link.id}` : "";
  return `${call.caller.user.name}'s Note${on}`;
}
