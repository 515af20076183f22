import { copyFileSync, existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { CallsheetError } from "../../../errors.ts";
import type { Log } from "../../../log/log.ts";
import type { ReplayStore } from "../../replays.ts";
import { Database } from "../database.ts";
import { stateFolder } from "../folder.ts";
import { translated } from "../trouble.ts";
import { checkReplays, damageOfReplays, isLogCut, PARTS, REPLAYS_PAGE, removeSlots } from "./check.ts";
import { SqliteReplayStore } from "./store.ts";
import { REPLAYS_MIGRATIONS } from "./tables.ts";

const FILE = "replays.sqlite";

/** Where replays are kept in a state folder: the database, and the folder of their slots. */
export function placeOfReplays(state: string): { file: string; slots: string } {
  const { path } = stateFolder(state);
  return { file: join(path, FILE), slots: join(path, "replays") };
}

/** A sentence; null when they are sound, or there never were any. Nothing is changed. @throws STATE_TOO_NEW, STATE_UNUSABLE */
export function replaysDamage(state: string): string | null {
  const { file, slots } = placeOfReplays(state);
  return damageOfReplays(file, () => open(file, slots, true));
}

/**
 * Opens the replays of a state folder whose lock is held. Those that ran when the daemon ended are interrupted ones now. A damaged
 * file is set aside: the history of replays is lost with it, and no event of any lane.
 * @throws STATE_UNUSABLE, STATE_FULL, STATE_TOO_NEW
 */
export function openReplays({ state, log }: { state: string; log: Log }): ReplayStore {
  const { file, slots } = placeOfReplays(state);
  try {
    mkdirSync(slots, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw translated(error, slots);
  }
  const database = openOrSetAside(file, slots, log);
  database.run(() =>
    database
      .prepare("UPDATE replay SET state = 'interrupted', ended_at = ? WHERE state = 'running'")
      .run(Date.now()),
  );
  return new SqliteReplayStore(database, slots);
}

/** To be asked only; null when there never was a replay. It takes no lock. */
export function openReplaysForReading(state: string): ReplayStore | null {
  const { file, slots } = placeOfReplays(state);
  return existsSync(file) ? new SqliteReplayStore(open(file, slots, true), slots) : null;
}

function openOrSetAside(file: string, slots: string, log: Log): Database {
  try {
    if (isLogCut(file)) tellCutLog(file, log);
    return open(file, slots, false);
  } catch (error) {
    if (!(error instanceof CallsheetError) || error.code !== "STATE_CORRUPT") throw error;
    for (const ending of PARTS)
      if (existsSync(file + ending)) renameSync(file + ending, `${file}.damaged${ending}`);
    removeSlots(slots);
    log.error(
      `${file} is damaged; it is kept as ${FILE}.damaged, and what earlier replays did is not known any more`,
      { code: error.code },
    );
    return open(file, slots, false);
  }
}

function tellCutLog(file: string, log: Log): void {
  copyFileSync(`${file}-wal`, `${file}.damaged-wal`);
  log.error(
    `a part of ${file}-wal cannot be read; it is kept as ${FILE}.damaged-wal, and the last that replays did is not known any more`,
    { code: "STATE_CORRUPT" },
  );
}

/** @throws STATE_CORRUPT, STATE_TOO_NEW, STATE_UNUSABLE, STATE_FULL */
function open(file: string, slots: string, readOnly: boolean): Database {
  const database = new Database({
    file,
    create: !existsSync(file),
    readOnly,
    pageSize: REPLAYS_PAGE,
    checkpointPages: 1000,
    migrations: REPLAYS_MIGRATIONS,
    synchronous: "NORMAL",
  });
  try {
    checkReplays(database, slots);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}
