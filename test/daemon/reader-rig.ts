/** A reader on a real site and journal, for its tests. */
import { onTestFinished } from "vitest";
import { Happenings } from "../../src/daemon/happenings.ts";
import { Reader, type ReaderOptions } from "../../src/daemon/reader.ts";
import type { Journal } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { logOf, TestLog, temporaryFolder, until } from "./rig.ts";

const row = { event_type: "Shotgun_Task_Change", attribute_name: "sg_status_list" };
export const rows = (count: number) => Array.from({ length: count }, () => ({ ...row }));

export async function read(
  sandbox: Sandbox,
  options: Partial<ReaderOptions> & { log?: TestLog } = {},
  wrap: (journal: Journal) => Journal = (journal) => journal,
  folder = temporaryFolder(),
) {
  const journal = await openSqliteJournal({ folder });
  const { log = new TestLog() } = options;
  const reader = new Reader({
    site: logOf(sandbox),
    journal: wrap(journal),
    log,
    happenings: new Happenings(log),
    start: "latest",
    fetchIntervalMs: 20,
    batchSize: 500,
    parallelFetches: 4,
    gapTimeoutMs: 60_000,
    ...options,
  });
  let stopping = new AbortController();
  let done = reader.run(stopping.signal);
  const stop = async () => {
    stopping.abort();
    await done;
  };
  /** After `stop`: its turn again. */
  const again = () => {
    stopping = new AbortController();
    done = reader.run(stopping.signal);
  };
  onTestFinished(async () => {
    await stop();
    await journal.close();
  });
  const started = () =>
    until(() => log.lines.some(({ message }) => /beginning after|continuing after/.test(message)));
  return { reading: { reader, stop, again, started }, journal, log };
}
