import type { Journal } from "../journal.ts";
import type { Database } from "./database.ts";
import { openJournalDatabase, openLanesDatabase } from "./databases.ts";
import { requireState, stateFolder } from "./folder.ts";
import { SqliteJournal } from "./journal.ts";

/** Memory for recent events, bytes: nothing is appended here. */
const NO_CACHE = 0;

/**
 * The journal of a state folder, to be asked only: whatever writes is refused by the database. It takes no lock, so that a daemon
 * may run, or start, meanwhile; what it does after the opening may be missed.
 * @throws STATE_UNUSABLE when there is no state, STATE_CORRUPT, STATE_TOO_NEW
 */
export async function openJournalForReading(path: string): Promise<Journal> {
  const folder = stateFolder(path);
  requireState(folder);
  const opened: Database[] = [];
  try {
    const journal = openJournalDatabase(folder.journal, false, true);
    opened.push(journal);
    const lanes = openLanesDatabase(folder.lanes, false, true);
    opened.push(lanes);
    return new SqliteJournal({
      folder,
      lock: { previous: null, announce() {}, announceClosing() {}, release() {} },
      journal,
      lanes,
      log: null,
      now: () => new Date(),
      cacheBytes: NO_CACHE,
    });
  } catch (error) {
    for (const database of opened) database.close();
    throw error;
  }
}
