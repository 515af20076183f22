/**
 * Taking over from the Python daemon: where it left each plugin goes into the state folder, so that the first event that a plugin
 * gets is the one after the last it had.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { openHttpTransport } from "../client/http.ts";
import { Shotgun } from "../client/shotgun.ts";
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { beginning } from "../daemon/beginning.ts";
import { laneOf, newLaneId } from "../daemon/lane-of.ts";
import { findPlugins, loadPlugins, type PluginLoad } from "../daemon/load-plugins.ts";
import { siteLog } from "../daemon/site-log.ts";
import { siteConnection } from "../daemon/to-site.ts";
import { CallsheetError } from "../errors.ts";
import type { Estate, Inheritance, Journal } from "../journal/journal.ts";
import { copyState } from "../journal/sqlite/copy.ts";
import { openSqliteJournal } from "../journal/sqlite/open.ts";
import { type ConfValues, readConf } from "./conf.ts";
import { completeValues } from "./conf-source.ts";
import { type OldState, readIdFile } from "./id-file.ts";
import {
  type Beginning,
  beginningOf,
  leftOvers,
  needsNewest,
  type PlacesParts,
  placesOf,
  type Start,
} from "./places.ts";
import { type ImportReport, reportOf } from "./report.ts";
import { refuseBesideDaemon, runningDaemon } from "./running.ts";
import { sharedModules } from "./shared-modules.ts";
import { contentOf, noteTakenOver } from "./taken-over.ts";

export interface ImportRequest {
  /** The configuration that the conf stands for. */
  config: Config;
  /** Where its `%(NAME)s` are looked up. */
  env: Readonly<Record<string, string | undefined>>;
  start: Start;
  /** Changes nothing; a state that is there is tried on as a copy. */
  dryRun: boolean;
  /** Whether plugins are loaded, to tell what they are called for and which do not load; places need their files only. */
  load: boolean;
}

/**
 * All of it or nothing; it may be repeated.
 * @throws {CallsheetError} OLD_STATE, OLD_DAEMON_RUNS, PLUGIN_FOLDER, STATE_*; SITE_* when the site must be asked and is away
 */
export async function importOldDaemon(request: ImportRequest): Promise<ImportReport> {
  const { config, env, start, dryRun, load } = request;
  const values = completeValues(readConf(readFileSync(config.file, "utf8"), config.file, env));
  const notes: string[] = [];
  const pidFile = resolve(dirname(config.file), values.pidFile);
  if (dryRun) notes.push(...beside(pidFile));
  else refuseBesideDaemon(pidFile, "perhaps");
  const stateFile = resolve(dirname(config.file), values.eventIdFile);
  const content = contentOf(stateFile);
  const state = readState(stateFile, start, notes);
  const transport = openHttpTransport(siteConnection(config));
  try {
    const { loads, problems } = await (load ? loadPlugins(config, transport) : findPlugins(config));
    if (problems[0]) throw unseen(problems[0]);
    notes.push(...sharedModules(loads, config));
    const parts: PlacesParts = {
      files: loads.map(({ file }) => file),
      folders: foldersOf(config, values),
      state,
      start,
    };
    const places = placesOf(parts);
    const newest = await askNewest(config, transport, needsNewest(places), notes);
    const begin = beginningOf(places, newest);
    const taken = await withJournal(config.state, dryRun, (journal) => takeOver(journal, loads, begin));
    if (!dryRun && content !== null) noteTakenOver(config.state, content);
    return reportOf({
      ...taken,
      config,
      stateFile,
      dryRun,
      newest,
      loads,
      places,
      begin,
      leftOver: leftOvers(parts, places),
      notes,
    });
  } finally {
    await transport.close();
  }
}

function beside(pidFile: string): string[] {
  const pid = runningDaemon(pidFile, "perhaps");
  return pid === null ? [] : [`The Python daemon is running (process ${pid}): stop it before the import.`];
}

function readState(file: string, start: Start, notes: string[]): OldState | null {
  try {
    return readIdFile(file);
  } catch (error) {
    if (!(error instanceof CallsheetError) || start === null) throw error;
    notes.push(error.message);
    return null;
  }
}

/** Without the list of its files nobody knows which plugins are to go on. */
function unseen(problem: CallsheetError): CallsheetError {
  return new CallsheetError(problem.code, `${problem.message} Nothing was imported.`, {
    hint: "Its plugins would lose their places: mount it, or take it out of paths, and import again.",
    cause: problem,
  });
}

/** A folder of the section [callsheet] stands under the path that the conf has for it, if any. */
function foldersOf({ plugins, file }: Config, { paths }: ConfValues): PlacesParts["folders"] {
  return plugins.map((path) => ({
    path,
    written: paths.find((written) => resolve(dirname(file), written) === path) ?? path,
  }));
}

/** Where the site's log ends, with the ids that may still be on their way; null when it is away and not needed. */
async function askNewest(
  config: Config,
  transport: Transport,
  needed: boolean,
  notes: string[],
): Promise<Estate["reader"] | null> {
  const { url, scriptName, scriptKey, timeout: timeoutMs } = config.site;
  const once = { gatewayAttempts: 1, tlsAttempts: 1, busyAttempts: 1 };
  const sg = new Shotgun(url, { scriptName, scriptKey, timeoutMs, transport, dates: "string", retry: once });
  try {
    return await beginning(siteLog(sg), "latest", new AbortController().signal);
  } catch (error) {
    if (needed || !(error instanceof CallsheetError)) throw error;
    notes.push(`The site was not asked for its newest event: ${error.message}`);
    return null;
  } finally {
    await sg.close();
  }
}

async function withJournal<T>(
  state: string,
  dryRun: boolean,
  work: (journal: Journal) => Promise<T>,
): Promise<T> {
  const scratch = dryRun ? mkdtempSync(join(tmpdir(), "callsheet-import-")) : null;
  try {
    const folder = scratch === null ? state : join(scratch, "state");
    if (scratch !== null) await copyState(state, folder);
    const journal = await openSqliteJournal({ folder });
    try {
      return await work(journal);
    } finally {
      await journal.close();
    }
  } finally {
    if (scratch !== null) rmSync(scratch, { recursive: true, force: true });
  }
}

export interface TakenOver {
  /** In the order of the plugins. */
  inheritances: readonly Inheritance[];
  /** Whether the state had begun before. */
  known: boolean;
  /** The last event that the reader has seen, or will have seen when it begins. */
  position: number;
}

async function takeOver(
  journal: Journal,
  loads: readonly PluginLoad[],
  { reader, had }: Beginning,
): Promise<TakenOver> {
  const before = await journal.readerState();
  const records = await journal.lanes();
  const paths = new Set(loads.map(({ file }) => file.path));
  const all = [...records];
  const lanes = loads.map(({ file }, at) => {
    const known = laneOf(file, records, (path) => paths.has(path));
    // no other plugin may take it too
    if (known) records.splice(records.indexOf(known), 1);
    return { id: known?.id ?? newLaneId(file, all), path: file.path, name: file.name, had: had[at]! };
  });
  const inheritances = await journal.inherit({ reader, lanes });
  return { inheritances, known: before !== null, position: (await journal.readerState())!.position };
}
