import { dirname, join } from "node:path";
import type { Config } from "../config-file.ts";
import { CallsheetError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReplayStore } from "../journal/replays.ts";
import { lockFolder } from "../journal/sqlite/lock-folder.ts";
import { isStateInUse, refuseOnItsWay } from "../journal/sqlite/moving/in-use.ts";
import { openSqliteJournal } from "../journal/sqlite/open.ts";
import { openReplays } from "../journal/sqlite/replays/open.ts";
import type { Starting } from "../journal/starting.ts";
import type { Log } from "../log/log.ts";
import { version } from "../version.ts";

/** Beside the lock in the folder of a host: what it has seen of the database. */
export const SEEN_FILE = "database.json";

/** Beside it: which daemon it is that the others of the cluster see. */
const RUNS_FILE = "daemon.json";

export interface OpenState {
  journal: Journal;
  replayStore: ReplayStore;
  /** Closes both, and lets go of the folder. */
  close(): Promise<void>;
}

/** The journal and, once the folder is this daemon's, the replays. */
export async function openState(
  { state, cluster, order }: Pick<Config, "state" | "cluster" | "order">,
  log: Log,
  starting?: Starting,
): Promise<OpenState> {
  const free = cluster ? await lockFolder(state) : () => {};
  let journal: Journal | null = null;
  try {
    journal = await (cluster
      ? openShared(cluster, { state, order }, log, starting)
      : openSqliteJournal({ folder: state, log }));
    if (cluster) await refuseForgotten(dirname(state), journal);
    const replayStore = openReplays({ state, log });
    return { journal, replayStore, close: () => closeAll(journal!, replayStore, free) };
  } catch (error) {
    await journal?.close();
    free();
    throw error;
  }
}

/** The package for PostgreSQL is loaded only where it is needed. */
async function openShared(
  { url, schema, lease: leaseMs, host: name, labels, weight }: NonNullable<Config["cluster"]>,
  { state, order }: Pick<Config, "state" | "order">,
  log: Log,
  starting?: Starting,
): Promise<Journal> {
  const { openPostgresJournal } = await import("../journal/postgres/open.ts");
  const member = { name, labels, weight, leaseMs, version: version(), together: order === "strict" };
  return openPostgresJournal({ url, schema, log, member, starting, ...keptBy(state) });
}

/** The files in which a host of a cluster keeps what it knows for itself. */
export function keptBy(state: string): { memory: string; runs: string } {
  return { memory: join(state, SEEN_FILE), runs: join(state, RUNS_FILE) };
}

/** A studio that goes from one machine to a cluster would begin anew, and lose what waits. @throws STATE_UNUSABLE, STATE_MOVED */
async function refuseForgotten(folder: string, journal: Journal): Promise<void> {
  if ((await journal.readerState()) === null && (await journal.lanes()).length === 0)
    await refuseEmptyBeside(folder);
}

/**
 * @param folder of a single machine, beside a database in which nothing is
 * @throws STATE_UNUSABLE when there is a state in it, STATE_MOVED when that is on its way
 */
export async function refuseEmptyBeside(folder: string): Promise<void> {
  refuseOnItsWay(folder);
  if (!(await isStateInUse(folder))) return;
  throw new CallsheetError(
    "STATE_UNUSABLE",
    `The cluster's database is empty, and there is a state of a single machine in ${folder}.`,
    { hint: "Move it with callsheet import-state --from sqlite; or put that folder aside, to begin anew." },
  );
}

async function closeAll(journal: Journal, replayStore: ReplayStore, free: () => void): Promise<void> {
  try {
    await replayStore.close();
  } finally {
    await journal.close().finally(free);
  }
}
