/** Links that are rows of a connection entity. */
import type { Call } from "../core.ts";
import { writeChange, writeNew } from "../events/write.ts";
import type { Connection } from "../schema/connections.ts";
import { quote, type Ref } from "../store/columns.ts";
import type { Values } from "../store/rows.ts";
import { withDefaults } from "./defaults.ts";

/** Connections whose rows are told in the event log; of the others only the lists are (protocol notes 9.2). */
const TOLD = new Set(["TaskDependency"]);

/** @param more values of the connection's further fields */
export function connect(
  call: Call,
  { type: name, own, other }: Connection,
  owner: Ref,
  target: Ref,
  more: Values = {},
): void {
  const { core } = call;
  const type = core.schema.type(name);
  const id = core.sequences.draw(name);
  const ends = { [own]: owner, [other]: target };
  core.rows.insert(type, id, withDefaults(call, type, id, { ...more, ...ends }));
  if (!TOLD.has(name)) return;
  const row = { type: name, id };
  writeNew(call, row);
  for (const [field, end] of Object.entries(ends))
    writeChange(call, row, { field: type.fields.get(field)!, old: null, new: end }, true);
}

export function disconnect(
  call: Call,
  { type: name, own, other }: Connection,
  owner: Ref,
  target: Ref,
): void {
  const rows = call.core.db.all(
    `SELECT id FROM ${quote(name)} WHERE "row.live" = 1 AND ${quote(`${own}.id`)} = ? AND ${quote(`${other}.id`)} = ?`,
    [owner.id, target.id],
  );
  for (const [id] of rows) {
    const row = call.core.rows.find(name, Number(id));
    if (row) call.core.rows.retire(row, call.at, null);
  }
}
