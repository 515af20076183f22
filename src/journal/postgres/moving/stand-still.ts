/**
 * Before a mark is written: what was begun without it is stored by now and seen, and goes no further. Whoever begins something else
 * (takes the reading, makes a lane) looks for the mark in the same statement, which waits here and finds it.
 */
import type { Session } from "../engine.ts";
import { fence } from "../fence.ts";

/** To be called in the transaction that writes the mark. */
export async function standStill(session: Session): Promise<void> {
  await session.rows("LOCK TABLE together, lane, reader IN SHARE ROW EXCLUSIVE MODE");
  await fence(session);
}
