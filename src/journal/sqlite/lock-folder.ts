import { prepareFolder, stateFolder } from "./folder.ts";
import { OPEN, takeLock } from "./lock.ts";

/**
 * Keeps other daemons out of a state folder that has no journal, which is made when it is not there.
 * @returns what lets go of it
 * @throws STATE_LOCKED, STATE_UNUSABLE, STATE_FULL
 */
export async function lockFolder(path: string): Promise<() => void> {
  const folder = stateFolder(path);
  prepareFolder(folder);
  const lock = await takeLock(folder, () => new Date());
  lock.announce(OPEN);
  return () => lock.release([]);
}
