/** The person that a sandbox was started with gets its name from the first who knows its password. */
import { knowsSecret } from "../access/secrets.ts";
import type { Call } from "../core.ts";
import type { EntityType } from "../schema/schema.ts";
import { existingRow } from "./crud.ts";
import type { Inputs } from "./inputs.ts";
import { change } from "./update.ts";

/**
 * Test suites find or create their person by name, and know the login and password only. A create with both of them
 * means the person that is there already, as long as nobody named it; otherwise the login would be taken.
 * @returns the id of that person, with the inputs written; null when there is none
 */
export function nameSeededPerson(call: Call, type: EntityType, inputs: Inputs): number | null {
  const { login, name } = inputs.values;
  if (type.name !== "HumanUser" || typeof login !== "string" || !name || inputs.secret === null) return null;
  const { db } = call.core;
  const found = db.get(
    `SELECT id FROM "HumanUser" WHERE fold(login) = ? AND name = login AND "created_by.id" IS NULL AND "row.live" = 1`,
    [login.toLowerCase()],
  );
  if (!found || !knowsSecret(db, type.name, Number(found[0]), inputs.secret)) return null;
  change(call, existingRow(call, type.name, Number(found[0])), inputs);
  return Number(found[0]);
}
