import type { Config } from "../config-file.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReplayStore } from "../journal/replays.ts";
import { lockFolder } from "../journal/sqlite/lock-folder.ts";
import { openSqliteJournal } from "../journal/sqlite/open.ts";
import { openReplays } from "../journal/sqlite/replays/open.ts";
import type { Log } from "../log/log.ts";
import { version } from "../version.ts";

export interface OpenState {
  journal: Journal;
  replayStore: ReplayStore;
  /** Closes both, and lets go of the folder. */
  close(): Promise<void>;
}

/** The journal and, once the folder is this daemon's, the replays. */
export async function openState(
  { state, cluster }: Pick<Config, "state" | "cluster">,
  log: Log,
): Promise<OpenState> {
  const free = cluster ? await lockFolder(state) : () => {};
  let journal: Journal | null = null;
  try {
    journal = await (cluster ? openShared(cluster, log) : openSqliteJournal({ folder: state, log }));
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
  log: Log,
): Promise<Journal> {
  const { openPostgresJournal } = await import("../journal/postgres/open.ts");
  const member = { name, labels, weight, leaseMs, version: version() };
  return openPostgresJournal({ url, schema, log, member });
}

async function closeAll(journal: Journal, replayStore: ReplayStore, free: () => void): Promise<void> {
  try {
    await replayStore.close();
  } finally {
    await journal.close().finally(free);
  }
}
