/** A copy of a state to keep, taken while a daemon may be at work on it. */
import { constants, cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { CallsheetError } from "../../errors.ts";
import { requireState, type StateFolder, stateFolder } from "./folder.ts";
import { refuseMoved } from "./moving/mark.ts";
import { openSqliteJournal } from "./open.ts";
import { translated } from "./trouble.ts";

export interface BackupReport {
  /** Absolute paths. */
  from: string;
  to: string;
  /** Highest place in the journal, and its size in bytes. */
  lastSeq: number;
  bytes: number;
  /** How many plugins have a place in it. */
  plugins: number;
}

/** A plugin that is loaded for the first time between two steps makes one more round necessary. */
const MOST_ROUNDS = 5;
/** All pages in one step: a copy in parts begins anew whenever the daemon writes. */
const AT_ONCE = 0x7fffffff;
/** Copied as it is: it is only ever replaced as a whole. */
const ALERTS = "alerts.json";

/**
 * Copies a state so that a daemon can be started from the copy, which is tried. It holds no lock and writes nothing there. What
 * replays did is left out.
 * @param to a folder that is not there yet, or is empty
 * @throws {CallsheetError} USAGE, STATE_MOVED, STATE_UNUSABLE, STATE_CORRUPT, STATE_TOO_NEW, STATE_FULL
 */
export async function backupState(from: string, to: string): Promise<BackupReport> {
  const folder = stateFolder(from);
  const target = resolve(to);
  refuseUnfit(folder, target);
  const draft = join(dirname(target), `${basename(target)}.unfinished`);
  for (let round = 1; ; round += 1) {
    rmSync(draft, { recursive: true, force: true });
    try {
      await copy(folder, stateFolder(draft));
      const tried = await tryOut(draft);
      // nor does it keep what was moved meanwhile
      refuseMoved(folder);
      rmSync(target, { recursive: true, force: true });
      renameSync(draft, target);
      return { from: folder.path, to: target, ...tried };
    } catch (error) {
      const again = error instanceof CallsheetError && error.code === "STATE_CORRUPT" && round < MOST_ROUNDS;
      if (again) continue;
      rmSync(draft, { recursive: true, force: true });
      throw translated(error, draft);
    }
  }
}

/**
 * The order matters. A slot may be older than its lane's row, which counts then; never newer. A lane may be behind the journal, and
 * gets the events between again; never before it.
 */
async function copy(from: StateFolder, to: StateFolder): Promise<void> {
  mkdirSync(to.path, { recursive: true, mode: 0o700 });
  if (existsSync(from.slots))
    cpSync(from.slots, to.slots, { recursive: true, filter: (path) => !path.endsWith(".new") });
  const alerts = join(from.path, ALERTS);
  if (existsSync(alerts)) cpSync(alerts, join(to.path, ALERTS), { mode: constants.COPYFILE_FICLONE });
  await copyDatabase(from.lanes, to.lanes);
  await copyDatabase(from.journal, to.journal);
}

async function copyDatabase(from: string, to: string): Promise<void> {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(from, { readOnly: true, timeout: 10_000 });
    await backup(database, to, { rate: AT_ONCE });
  } catch (error) {
    throw translated(error, from);
  } finally {
    database?.close();
  }
}

/** As a daemon would open it. @throws STATE_CORRUPT when the parts do not fit together */
async function tryOut(folder: string): Promise<Pick<BackupReport, "lastSeq" | "bytes" | "plugins">> {
  const journal = await openSqliteJournal({ folder });
  try {
    const { lastSeq, bytes } = journal.head;
    return { lastSeq, bytes, plugins: readdirSync(stateFolder(folder).slots).length };
  } finally {
    await journal.close();
  }
}

function refuseUnfit(from: StateFolder, to: string): void {
  requireState(from);
  // the copy would have no such mark, and a daemon that is started from it would go on beside the other place
  refuseMoved(from);
  if (existsSync(to) && readdirSync(to).length > 0)
    throw new CallsheetError("USAGE", `${to} is not empty.`, {
      hint: "A backup goes into a folder of its own.",
    });
}
