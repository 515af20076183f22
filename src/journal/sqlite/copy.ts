/** A copy of a state, to try something on. */
import { constants, cpSync, existsSync } from "node:fs";
import { stateFolder } from "./folder.ts";
import { takeLock } from "./lock.ts";
import { translated } from "./trouble.ts";

/**
 * Copies a state that nobody uses, without changing it; nothing when there is none.
 * @throws STATE_LOCKED, STATE_FULL, STATE_UNUSABLE
 */
export async function copyState(from: string, to: string): Promise<void> {
  const folder = stateFolder(from);
  if (!existsSync(folder.path)) return;
  // a state without a lock was never in use
  const lock = existsSync(folder.lock) ? await takeLock(folder, () => new Date()) : null;
  try {
    cpSync(folder.path, to, {
      recursive: true,
      mode: constants.COPYFILE_FICLONE,
      filter: (path) => path !== folder.lock && !path.endsWith("-shm"),
    });
  } catch (error) {
    throw translated(error, to);
  } finally {
    lock?.release(null);
  }
}
