/** The wire methods `delete` and `revive`: retire a row, and bring it back (protocol notes 3 and 4.7). */
import { allowEntity } from "../access/rules.ts";
import type { Call } from "../core.ts";
import { EVENT_TYPE } from "../events/log.ts";
import { entityTypeIn } from "../query/entity-type.ts";
import { retireTree, reviveTree } from "./cascades.ts";
import { existingRow } from "./crud.ts";
import { eventRowsAreFixed, idIn } from "./update.ts";

/** False when it was retired already. */
export function retire(call: Call, payload: Record<string, unknown>): boolean {
  const type = entityTypeIn(call, payload);
  const id = idIn(call, payload);
  allowEntity(call, "delete_entity", type.name);
  if (type.name === EVENT_TYPE) throw eventRowsAreFixed(call, "deleted");
  if (!existingRow(call, type.name, id).live) return false;
  retireTree(call, { type: type.name, id });
  return true;
}

/** False when it was not retired. */
export function revive(call: Call, payload: Record<string, unknown>): boolean {
  const type = entityTypeIn(call, payload);
  allowEntity(call, "delete_entity", type.name);
  const row = existingRow(call, type.name, idIn(call, payload));
  if (row.live) return false;
  reviveTree(call, row);
  return true;
}
