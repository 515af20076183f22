import { basename } from "node:path";
import type { Log } from "../../log/log.ts";
import type { Journal } from "../journal.ts";
import { checkAfterOpening, checkFiles, checkFresh, checkLog } from "./check.ts";
import type { Database } from "./database.ts";
import { openJournalDatabase, openLanesDatabase } from "./databases.ts";
import { doubtProgress } from "./doubt.ts";
import { prepareFolder, stateFolder } from "./folder.ts";
import { SqliteJournal } from "./journal.ts";
import { OPEN, type StateLock, takeLock } from "./lock.ts";
import { refuseMoved } from "./moving/mark.ts";
import { prepareSlots } from "./open-lane.ts";

export interface SqliteJournalOptions {
  /** State folder; created, for its owner only, when it is missing. */
  folder: string;
  /** For what retention takes from lanes. Default: none. */
  log?: Log;
  /** Default: the clock. */
  now?: () => Date;
  /** Memory for recent events, bytes. Default 16 MB. */
  cacheBytes?: number;
  /** Also one that was moved away, for who moves it. Default: no. */
  evenMoved?: boolean;
}

const CACHE_BYTES = 16 * 1024 * 1024;

/**
 * Opens the journal in a state folder for this process alone.
 * @throws STATE_LOCKED (naming pid and host of the holder), STATE_CORRUPT, STATE_TOO_NEW, STATE_MOVED,
 *   STATE_UNUSABLE, STATE_FULL
 */
export async function openSqliteJournal(options: SqliteJournalOptions): Promise<Journal> {
  const now = options.now ?? (() => new Date());
  const folder = stateFolder(options.folder);
  prepareFolder(folder);
  const lock = await takeLock(folder, now);
  const opened: Database[] = [];
  try {
    if (!options.evenMoved) refuseMoved(folder);
    const fresh = checkFiles(folder, lock.previous) === "fresh";
    if (!fresh) lock.announce(lock.previous ?? OPEN);
    checkLog(folder);
    const journal = openJournalDatabase(folder.journal, fresh);
    opened.push(journal);
    if (fresh) checkFresh(folder, journal);
    const lanes = openLanesDatabase(folder.lanes, fresh);
    opened.push(lanes);
    prepareSlots(folder.slots);
    checkAfterOpening(folder, journal, lanes);
    if (lock.previous?.lostPower) doubtProgress(lanes);
    // written last on a first start: from now on a missing file is damage
    lock.announce(OPEN);
    return new SqliteJournal({
      folder,
      lock,
      journal,
      lanes,
      log: options.log ?? null,
      now,
      cacheBytes: options.cacheBytes ?? CACHE_BYTES,
    });
  } catch (error) {
    abandon(opened, lock);
    throw error;
  }
}

/** Closes what was opened; what was closed in order before is so still. */
function abandon(opened: readonly Database[], lock: StateLock): void {
  const files = opened.map(({ file }) => basename(file));
  if (lock.previous && files.length > 0) lock.announceClosing(files);
  for (const database of opened) database.close();
  lock.release(lock.previous && [...new Set([...lock.previous.closed, ...files])]);
}
