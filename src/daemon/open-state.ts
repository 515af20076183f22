import type { Config } from "../config-file.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReplayStore } from "../journal/replays.ts";
import { openSqliteJournal } from "../journal/sqlite/open.ts";
import { openReplays } from "../journal/sqlite/replays/open.ts";
import type { Log } from "../log/log.ts";

/** The journal and, once its lock is held, the replays. */
export async function openState(
  { state }: Pick<Config, "state">,
  log: Log,
): Promise<{ journal: Journal; replayStore: ReplayStore }> {
  const journal = await openSqliteJournal({ folder: state, log });
  try {
    return { journal, replayStore: openReplays({ state, log }) };
  } catch (error) {
    await journal.close();
    throw error;
  }
}
