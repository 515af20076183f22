/** Takes every lease from whoever has it: each later write of theirs is refused. */
import type { Session } from "./engine.ts";

/** To be called in a transaction. */
export async function fence(session: Session): Promise<void> {
  await session.rows("UPDATE reader SET owner = NULL, epoch = epoch + 1, version = version + 1");
  await session.rows("UPDATE together SET owner = NULL, epoch = epoch + 1, version = version + 1");
  await session.rows("UPDATE lane SET owner = NULL, epoch = epoch + 1, version = version + 1");
}
