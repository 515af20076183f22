/** What a configuration of the Python daemon says, as a configuration of Callsheet. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { ConfigInput } from "../config.ts";
import { asError, CallsheetError } from "../errors.ts";
import { type Conf, type ConfProblem, type ConfValues, readConf } from "./conf.ts";

/** The file name that the Python daemon looks for. */
export const CONF_NAME = "shotgunEventDaemon.conf";
const DAEMON_NAME = "shotgunEventDaemon.py";
/** The most that a site gives in one answer. */
const LARGEST_BATCH = 500;

/**
 * Reads the file.
 * @throws {CallsheetError} CONFIG_UNREADABLE
 */
export function readConfFile(file: string, env: Readonly<Record<string, string | undefined>>): Conf {
  try {
    return readConf(readFileSync(file, "utf8"), file, env);
  } catch (error) {
    throw new CallsheetError("CONFIG_UNREADABLE", `${file} cannot be read: ${asError(error).message}.`, {
      cause: error,
    });
  }
}

/**
 * The configuration that a conf stands for; relative paths start from the folder of the conf.
 * @throws {CallsheetError} CONFIG_INVALID (every problem, one a line), CONFIG_SECRET_MISSING
 */
export function configOfConf(conf: Conf): ConfigInput {
  const values = completeValues(conf);
  return {
    site: {
      url: values.server,
      scriptName: values.name,
      scriptKey: values.key,
      ...(values.proxyServer !== null && { httpProxy: values.proxyServer }),
    },
    plugins: values.paths,
    state: stateFolderOf(conf.file, values.eventIdFile),
    order: "strict",
    fetchInterval: Math.max(10, values.fetchInterval * 1000),
    batchSize: batchSizeOf(values),
    useSessionUuid: values.useSessionUuid,
    python: { path: daemonFolders(conf.file) },
    log: { level: levelOf(values.logging), ...logFilesOf(conf.file, values) },
  };
}

/** @throws {CallsheetError} CONFIG_INVALID, CONFIG_SECRET_MISSING */
function completeValues({ values, problems, file }: Conf): ConfValues {
  const [first] = problems;
  if (!first) return values as ConfValues;
  if (problems.length > 1) {
    const lines = problems.map((problem) => `${describe(file, problem)} ${problem.hint}`);
    throw new CallsheetError(
      "CONFIG_INVALID",
      [`${file} has ${problems.length} problems:`, ...lines].join("\n  "),
    );
  }
  const code = first.variable === undefined ? "CONFIG_INVALID" : "CONFIG_SECRET_MISSING";
  throw new CallsheetError(code, describe(file, first), { hint: first.hint });
}

/** `/etc/shotgunEventDaemon.conf:12: fetch_interval must be …` */
export function describe(file: string, { line, message }: Pick<ConfProblem, "line" | "message">): string {
  return `${line === null ? file : `${file}:${line}`}: ${message}.`;
}

/** Beside the old state file, and named after it: the configurations of two daemons never share one. */
export function stateFolderOf(confFile: string, eventIdFile: string): string {
  return resolve(dirname(confFile), `${eventIdFile}.callsheet`);
}

/** The Python daemon's own folder is the first of `sys.path` there; known when its script lies beside the conf. */
function daemonFolders(confFile: string): string[] {
  const folder = dirname(confFile);
  return existsSync(join(folder, DAEMON_NAME)) ? [folder] : [];
}

function batchSizeOf({ maxEventBatchSize }: ConfValues): number {
  return maxEventBatchSize === 0 ? LARGEST_BATCH : Math.min(maxEventBatchSize, LARGEST_BATCH);
}

/** The lowest of our levels that Python's level of this number lets through; 0 is "not set", which means warnings there. */
function levelOf(logging: number): "debug" | "info" | "warn" | "error" | "critical" {
  if (logging === 0) return "warn";
  if (logging <= 10) return "debug";
  if (logging <= 20) return "info";
  if (logging <= 30) return "warn";
  return logging <= 40 ? "error" : "critical";
}

function logFilesOf(confFile: string, { logFile, logPath, logMode }: ConfValues) {
  const main = resolve(dirname(confFile), logPath ?? "", logFile);
  return { dir: logPath ?? dirname(main), files: logMode === 0 ? "one" : "plugin" } as const;
}
