import type { Call } from "../core.ts";
import { refused, type SiteFault } from "../fault.ts";
import type { Row } from "../store/rows.ts";

/** A fault of the data layer: `API update() CRUD ERROR #51: …` (protocol notes 11). */
export function crud(call: Call, number: number | string, message: string): SiteFault {
  return refused(`API ${call.method}() CRUD ERROR #${number}: ${message}`);
}

/** The live or retired row that a write names. */
export function existingRow(call: Call, type: string, id: number): Row {
  const row = call.core.rows.find(type, id);
  if (!row) throw missingRow(call, type, id);
  return row;
}

export function missingRow(call: Call, type: string, id: number): SiteFault {
  return crud(call, 3, `Entity of type [${type}] with id=${id} does not exist.`);
}
