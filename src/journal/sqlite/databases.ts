/** The two databases of a state folder. */
import { Database } from "./database.ts";
import { JOURNAL_MIGRATIONS, LANES_MIGRATIONS } from "./migrations.ts";

/** Bytes. */
export const JOURNAL_PAGE = 8192;
export const LANES_PAGE = 4096;

/**
 * The journal and the reader's state: each commit is fsynced, unless who writes sees to it (`LogSync`).
 * @param create whether it may be a new one
 */
export function openJournalDatabase(file: string, create: boolean, readOnly = false): Database {
  return new Database({
    file,
    create,
    readOnly,
    pageSize: JOURNAL_PAGE,
    checkpointPages: 500,
    migrations: JOURNAL_MIGRATIONS,
    synchronous: "FULL",
  });
}

/**
 * Lanes, hand-overs and outcomes: a commit outlives the process; those that must outlive a power loss say so.
 * @param create whether it may be a new one
 */
export function openLanesDatabase(file: string, create: boolean, readOnly = false): Database {
  return new Database({
    file,
    create,
    readOnly,
    pageSize: LANES_PAGE,
    checkpointPages: 1000,
    migrations: LANES_MIGRATIONS,
    synchronous: "NORMAL",
  });
}
