import { existsSync, mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { CallsheetError } from "../../../errors.ts";
import type { Log } from "../../../log/log.ts";
import type { ReplayStore } from "../../replays.ts";
import { Database } from "../database.ts";
import { stateFolder } from "../folder.ts";
import { translated } from "../trouble.ts";
import { SqliteReplayStore } from "./store.ts";
import { REPLAYS_MIGRATIONS } from "./tables.ts";

const FILE = "replays.sqlite";

/**
 * Opens the replays of a state folder whose lock is held. Those that ran when the daemon ended are interrupted ones now. A damaged
 * file is set aside: the history of replays is lost with it, and no event of any lane.
 * @throws STATE_UNUSABLE, STATE_FULL, STATE_TOO_NEW
 */
export function openReplays({ state, log }: { state: string; log: Log }): ReplayStore {
  const { path } = stateFolder(state);
  const slots = join(path, "replays");
  try {
    mkdirSync(slots, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw translated(error, slots);
  }
  const database = openOrSetAside(join(path, FILE), log);
  database.run(() =>
    database
      .prepare("UPDATE replay SET state = 'interrupted', ended_at = ? WHERE state = 'running'")
      .run(Date.now()),
  );
  return new SqliteReplayStore(database, slots);
}

/** To be asked only; null when there never was a replay. It takes no lock. */
export function openReplaysForReading(state: string): ReplayStore | null {
  const { path } = stateFolder(state);
  const file = join(path, FILE);
  return existsSync(file) ? new SqliteReplayStore(open(file, true), join(path, "replays")) : null;
}

function openOrSetAside(file: string, log: Log): Database {
  try {
    return open(file, false);
  } catch (error) {
    if (!(error instanceof CallsheetError) || error.code !== "STATE_CORRUPT") throw error;
    for (const ending of ["", "-wal", "-shm"])
      if (existsSync(file + ending)) renameSync(file + ending, `${file}.damaged${ending}`);
    log.error(
      `${file} is damaged; it is kept as ${FILE}.damaged, and what earlier replays did is not known any more`,
      {
        code: error.code,
      },
    );
    return open(file, false);
  }
}

function open(file: string, readOnly: boolean): Database {
  return new Database({
    file,
    create: !existsSync(file),
    readOnly,
    pageSize: 4096,
    checkpointPages: 1000,
    migrations: REPLAYS_MIGRATIONS,
    synchronous: "NORMAL",
  });
}
