/**
 * The first start with a configuration of the Python daemon: what `callsheet import` would do is done now if nobody did it, since the
 * events after the last that a plugin had would be lost otherwise.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import type { Config } from "../config-file.ts";
import { stateFolder } from "../journal/sqlite/folder.ts";
import { readOwner } from "../journal/sqlite/lock.ts";
import type { Log } from "../log/log.ts";
import { readConf } from "../old-daemon/conf.ts";

/** @throws {CallsheetError} OLD_STATE, OLD_DAEMON_RUNS, PLUGIN_FOLDER, STATE_*; SITE_* when the site must be asked and is away */
export async function takeOverAtFirstStart(config: Config, log: Log): Promise<void> {
  const stateFile = oldStateFile(config);
  if (stateFile === null || readOwner(stateFolder(config.state)) !== null) return;
  log.info(`first start: each plugin goes on where ${stateFile} says, as after callsheet import`);
  const { importOldDaemon } = await import("../old-daemon/import.ts");
  const report = await importOldDaemon({ config, env: process.env, start: null, dryRun: false });
  for (const note of report.notes) log.warn(note);
  for (const { name, lastEventId, pending, remark } of report.plugins) {
    const place = lastEventId === null ? "begins with the next event" : `goes on after event ${lastEventId}`;
    const late = pending.length === 0 ? "" : ", and waits for late ones";
    log.info(`${name} ${place}${late}${remark === null ? "" : `; ${remark}`}`, { plugin: name });
  }
}

/** null: not the configuration of a Python daemon, or of one that left nothing. */
function oldStateFile({ file }: Config): string | null {
  if (extname(file) !== ".conf") return null;
  const { eventIdFile } = readConf(readFileSync(file, "utf8"), file, process.env).values;
  const path = eventIdFile === undefined ? null : resolve(dirname(file), eventIdFile);
  return path !== null && existsSync(path) ? path : null;
}
