/** Makes the log: pino in the middle, the standard output and the files as its outlets. */
import { type Logger, pino, stdTimeFunctions } from "pino";
import type { LogLevel } from "../plugin.ts";
import { redactor } from "../redact.ts";
import type { Log, LogFields } from "./log.ts";
import { openOutlets, type Terminal } from "./outlets.ts";
import type { LogFormat } from "./printers.ts";

export interface LogOptions {
  /** Lines below this level are not written; a plugin's own lines are, since its logger has a level of its own. */
  level: LogLevel;
  /** Absolute path of the folder for log files. Default: no files. */
  dir?: string | undefined;
  /** "one": `callsheet.log`. "plugin": also `plugin.<name>.log` with what concerns that plugin. */
  files: "one" | "plugin";
  /** Name or path of the main file. Default: `callsheet`. */
  file?: string;
  /** "auto": pretty on a terminal, JSON lines on a pipe and in files. "python": as the Python daemon. */
  format: LogFormat;
  /** Also a file with a line for each call of a callback. Default: false. */
  timing?: boolean;
  /** Secret values; every occurrence in messages, fields and stacks becomes `***`. */
  redact?: readonly string[];
}

export interface OpenLog {
  log: Log;
  /** Resolves when every line is in its file. */
  close(): Promise<void>;
}

const LEVELS: Record<LogLevel, number> = { debug: 20, info: 30, warn: 40, error: 50, critical: 60 };
/** Keys of a line that a field cannot take over. */
const OWN_KEYS = new Set(["time", "level", "logger", "message"]);

/**
 * Opens the log.
 * @throws {CallsheetError} CONFIG_INVALID when no file can be written in `dir`
 */
export async function openLog(options: LogOptions, io: { stdout: Terminal }): Promise<OpenLog> {
  const outlets = await openOutlets({ file: "callsheet", timing: false, ...options }, io.stdout);
  const root = pino<LogLevel>(
    {
      level: options.level,
      customLevels: LEVELS,
      useOnlyCustomLevels: true,
      base: null,
      messageKey: "message",
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    outlets,
  );
  const log = namedLogs(root, redactor(options.redact ?? []))("callsheet");
  outlets.onTrouble((message) => log.error(message));
  return { log, close: () => outlets.close() };
}

function namedLogs(root: Logger<LogLevel>, redact: <T>(value: T) => T): (name: string) => Log {
  const logs = new Map<string, Log>();
  const named = (name: string): Log => {
    const known = logs.get(name);
    if (known) return known;
    const child = root.child({ logger: redact(name) }, name.startsWith("plugin.") ? { level: "debug" } : {});
    const at = (level: LogLevel, message: string, fields: LogFields = {}) => {
      if (child.isLevelEnabled(level)) child[level](ownKeysKept(redact(fields)), redact(message));
    };
    const log: Log = {
      debug: (message, fields) => at("debug", message, fields),
      info: (message, fields) => at("info", message, fields),
      warn: (message, fields) => at("warn", message, fields),
      error: (message, fields) => at("error", message, fields),
      critical: (message, fields) => at("critical", message, fields),
      at,
      named,
    };
    logs.set(name, log);
    return log;
  };
  return named;
}

function ownKeysKept(fields: LogFields): LogFields {
  const entries = Object.entries(fields);
  if (!entries.some(([key]) => OWN_KEYS.has(key))) return fields;
  return Object.fromEntries(entries.map(([key, value]) => [OWN_KEYS.has(key) ? `${key}_` : key, value]));
}
