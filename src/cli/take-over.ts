/**
 * A start with a configuration of the Python daemon: what `callsheet import` would do is done now if nobody did it, since otherwise
 * the events after the last that a plugin had would be lost at the first start, and come again after that daemon was back for a while.
 */
import { readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import { openJournalForReading } from "../journal/sqlite/open-for-reading.ts";
import type { Log } from "../log/log.ts";
import { readConf } from "../old-daemon/conf.ts";
import type { ImportedPlugin, ImportReport } from "../old-daemon/report.ts";
import { refuseBesideDaemon } from "../old-daemon/running.ts";
import { contentOf, isTakenOver } from "../old-daemon/taken-over.ts";

/** @throws {CallsheetError} OLD_STATE, OLD_DAEMON_RUNS, PLUGIN_FOLDER, STATE_*; SITE_* when the site must be asked and is away */
export async function takeOverAtStart(config: Config, log: Log): Promise<void> {
  if (extname(config.file) !== ".conf") return;
  const { eventIdFile, pidFile } = readConf(
    readFileSync(config.file, "utf8"),
    config.file,
    process.env,
  ).values;
  const inConf = (path: string) => resolve(dirname(config.file), path);
  if (pidFile !== undefined) refuseBesideDaemon(inConf(pidFile), "surely");
  const stateFile = inConf(eventIdFile ?? "");
  const content = contentOf(stateFile);
  if (content === null || isTakenOver(config.state, content)) return;
  const begun = await hasBegun(config.state);
  log.info(
    begun
      ? `${stateFile} is not as it was: the Python daemon has run since, and what it has done is not done again`
      : `first start: each plugin goes on where ${stateFile} says, as after callsheet import`,
  );
  const report = await takeOver(config, begun, log);
  for (const note of report?.notes ?? []) log.warn(note);
  for (const plugin of report?.plugins ?? []) log.info(placeOf(plugin, report!), { plugin: plugin.name });
}

/** Whether the reader has a place. A folder alone means nothing: an import may have been killed on its way. */
async function hasBegun(state: string): Promise<boolean> {
  try {
    const journal = await openJournalForReading(state);
    const reader = await journal.readerState();
    await journal.close();
    return reader !== null;
  } catch (error) {
    // damage is told of when it is opened to be written
    return !(error instanceof CallsheetError && error.code === "STATE_UNUSABLE");
  }
}

/** null: that file is no use now, and Callsheet has places of its own. */
async function takeOver(config: Config, begun: boolean, log: Log): Promise<ImportReport | null> {
  const { importOldDaemon } = await import("../old-daemon/import.ts");
  try {
    return await importOldDaemon({ config, env: process.env, start: null, dryRun: false, load: false });
  } catch (thrown) {
    const error = asError(thrown);
    if (!begun || !(error instanceof CallsheetError) || !/^(OLD_STATE|SITE_)/.test(error.code)) throw error;
    log.warn(`${error.message} Each plugin goes on where Callsheet has brought it.`, { code: error.code });
    return null;
  }
}

function placeOf(plugin: ImportedPlugin, { readerPosition }: ImportReport): string {
  const { name, lastEventId, pending, place, remark, outcome } = plugin;
  if (outcome === "begun" && place === "with the others")
    return `${name} is new: it begins with the others, after event ${readerPosition}`;
  const where = outcome === "kept" || lastEventId === null ? "where it is" : `after event ${lastEventId}`;
  const late = outcome === "kept" || pending.length === 0 ? "" : ", and waits for late ones";
  return `${name} goes on ${where}${late}${remark === null ? "" : `; ${remark}`}`;
}
