/** What a cluster's database is known by. A move into it, or a repair, gives it a new one, and keeps those before. */
import type { Session } from "../engine.ts";

export async function newIdentity(session: Session, why: "moved" | "repaired"): Promise<void> {
  await session.rows("INSERT INTO identity (id, why) VALUES (gen_random_uuid()::text, $1)", [why]);
}

/** What the database goes on from, though it does not know it: hosts that have seen that one take it without a question. */
export async function goesOnFrom(session: Session, id: string): Promise<void> {
  await session.rows(
    "INSERT INTO identity (id, why) SELECT $1::text, 'before' WHERE NOT EXISTS (SELECT 1 FROM identity WHERE id = $1)",
    [id],
  );
}
