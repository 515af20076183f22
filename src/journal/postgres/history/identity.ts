/** What a cluster's database is known by. A move into it, or a repair, gives it a new one, and keeps those before. */
import type { Session } from "../engine.ts";

export async function newIdentity(session: Session, why: "moved" | "repaired" | "repairing"): Promise<void> {
  await session.rows("INSERT INTO identity (id, why) VALUES (gen_random_uuid()::text, $1)", [why]);
}

/** A repair begins: nobody but a repair uses the database from now on, whatever becomes of it. To be called with the fence. */
export async function beginRepair(session: Session): Promise<void> {
  await endRepair(session);
  await newIdentity(session, "repairing");
}

/** To be called with what makes it usable. */
export async function endRepair(session: Session): Promise<void> {
  await session.rows("DELETE FROM identity WHERE why = 'repairing'");
}

/** Whether a repair was begun, and has not ended. */
export async function isInRepair(session: Session): Promise<boolean> {
  const rows = await session.rows("SELECT 1 FROM identity WHERE why = 'repairing'");
  return rows.length > 0;
}

/** What the database goes on from, though it does not know it: hosts that have seen that one take it without a question. */
export async function goesOnFrom(session: Session, id: string): Promise<void> {
  await session.rows(
    "INSERT INTO identity (id, why) SELECT $1::text, 'before' WHERE NOT EXISTS (SELECT 1 FROM identity WHERE id = $1)",
    [id],
  );
}
