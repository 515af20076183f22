/** What a cluster's database is known by. A move into it, or a repair, gives it a new one, and keeps those before. */
import type { Session } from "../engine.ts";

export async function newIdentity(session: Session, why: "moved" | "repaired"): Promise<void> {
  await session.rows("INSERT INTO identity (id, why) VALUES (gen_random_uuid()::text, $1)", [why]);
}
