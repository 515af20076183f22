/** Rows that are retired with another one, and come back with it (protocol notes 5.5). */
import type { Call } from "../core.ts";
import type { Change } from "../events/metas.ts";
import { writeRetirement, writeRevival } from "../events/write.ts";
import { quote, type Ref } from "../store/columns.ts";
import type { Row } from "../store/rows.ts";

/** By type: the types of the rows that go along, and the fields by which they point to it. */
const DEPENDENTS: Record<string, [type: string, field: string][]> = {
  Task: [
    ["TaskDependency", "task"],
    ["TaskDependency", "dependent_task"],
  ],
  Shot: [["Version", "entity"]],
  TaskTemplate: [["Task", "task_template"]],
};

/** Retires a live row and what goes with it. */
export function retireTree(call: Call, ref: Ref, retiredWith: string | null = null): void {
  const row = call.core.rows.find(ref.type, ref.id);
  if (!row?.live) return;
  const target = { type: ref.type, id: ref.id };
  writeRetirement(call, target);
  call.core.rows.retire(row, call.at, retiredWith);
  for (const [type, field] of DEPENDENTS[ref.type] ?? [])
    for (const dependent of pointingAt(call, type, field, target))
      retireTree(call, dependent, retiredWith ?? keyOf(target));
}

/** Revives a retired row, and the rows whose retirement it caused. */
export function reviveTree(call: Call, row: Row): void {
  const target = { type: row.type.name, id: row.id };
  call.core.rows.revive(row);
  writeRevival(call, target, row.retiredAt);
  for (const type of typesTakenAlong(row.type.name))
    for (const [id] of call.core.db.all(
      `SELECT id FROM ${quote(type)} WHERE "row.live" = 0 AND "row.retired_with" = ? ORDER BY id`,
      [keyOf(target)],
    )) {
      const dependent = call.core.rows.find(type, Number(id));
      if (dependent) reviveTree(call, dependent);
    }
}

/** Replies that a note lets go are destroyed. */
export function retireReplies(call: Call, change: Change): void {
  if (!("removed" in change) || change.field.entityType !== "Note" || change.field.name !== "replies") return;
  for (const reply of change.removed) retireTree(call, reply);
}

function pointingAt(call: Call, type: string, field: string, target: Ref): Ref[] {
  const rows = call.core.db.all(
    `SELECT id FROM ${quote(type)} WHERE "row.live" = 1 AND ${quote(`${field}.id`)} = ? AND ${quote(`${field}.type`)} = ? ORDER BY id`,
    [target.id, target.type],
  );
  return rows.map(([id]) => ({ type, id: Number(id) }));
}

/** Also through the dependents of dependents. */
function typesTakenAlong(type: string): Set<string> {
  const types = new Set<string>();
  for (const [dependent] of DEPENDENTS[type] ?? []) {
    types.add(dependent);
    for (const further of typesTakenAlong(dependent)) types.add(further);
  }
  return types;
}

function keyOf({ type, id }: Ref): string {
  return `${type}:${id}`;
}
