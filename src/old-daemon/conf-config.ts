/** What a configuration of the Python daemon says, as a configuration of Callsheet. */
import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { ConfigInput } from "../config.ts";
import { type ConfValues, readConf } from "./conf.ts";
import { mailOfConf } from "./conf-mail.ts";

const DAEMON_NAME = "shotgunEventDaemon.py";
/** Its documentation has it installed so, with its conf in /etc. */
const SERVICE_LINK = "/etc/init.d/shotgunEvent";
/** The most that a site gives in one answer. */
const LARGEST_BATCH = 500;
/** The shortest pause that Callsheet makes between two questions. */
const SHORTEST_PAUSE_MS = 10;

/** The configuration that the options stand for; relative paths start from the folder of the conf. */
export function configOfConf(values: ConfValues, file: string): ConfigInput {
  const mail = mailOfConf(values);
  return {
    site: {
      url: values.server,
      scriptName: values.name,
      scriptKey: values.key,
      ...(values.proxyServer !== null && { httpProxy: values.proxyServer }),
    },
    plugins: values.paths,
    state: stateFolderOf(file, values.eventIdFile),
    order: "strict",
    fetchInterval: fetchIntervalOf(values),
    batchSize: batchSizeOf(values),
    useSessionUuid: values.useSessionUuid,
    pidFile: values.pidFile,
    // as that daemon makes itself: plugins may rely on absolute paths and on files that everybody may write
    python: { path: daemonFolders(file), cwd: "/", umask: "000", conf: file },
    log: {
      level: levelOf(values.logging),
      ...logFilesOf(file, values),
      format: "python",
      timing: values.timingLog,
    },
    ...(mail !== null && { alerts: { mail } }),
  };
}

/** The state folder that a file names, also one that is wrong elsewhere; null when that cannot be told. */
export function stateOfConf(
  text: string,
  file: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const { values, extras } = readConf(text, file, env);
  const named = extras.find(({ key }) => key === "state");
  if (named) return resolve(dirname(file), named.value);
  return values.eventIdFile === undefined ? null : stateFolderOf(file, values.eventIdFile);
}

/** Beside the old state file, and named after it: the configurations of two daemons never share one. */
export function stateFolderOf(confFile: string, eventIdFile: string): string {
  return resolve(dirname(confFile), `${eventIdFile}.callsheet`);
}

/**
 * The Python daemon's own folder, the first of `sys.path` there: known when its script lies beside the conf, or is what this link
 * leads to.
 */
export function daemonFolders(confFile: string, link = SERVICE_LINK): string[] {
  const beside = [confFile, realPath(confFile)].map((file) => join(dirname(file), DAEMON_NAME));
  const script = [...beside, realPath(link)].find(
    (file) => basename(file) === DAEMON_NAME && existsSync(file),
  );
  return script === undefined ? [] : [dirname(script)];
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

export function fetchIntervalOf({ fetchInterval }: ConfValues): number {
  return Math.max(SHORTEST_PAUSE_MS, fetchInterval * 1000);
}

export function batchSizeOf({ maxEventBatchSize }: ConfValues): number {
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
  const dir = logPath === null ? dirname(main) : resolve(dirname(confFile), logPath);
  return { dir, file: main, files: logMode === 0 ? "one" : "plugin" } as const;
}
