/** From lines of a log file, in any of its formats, back to records. */
import type { LogLevel } from "../../plugin.ts";
import type { LogRecord } from "../pretty.ts";

const LEVELS: Record<string, LogLevel> = {
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "critical",
};
const PYTHON =
  /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),(\d{3}) - (.*?) - (DEBUG|INFO|WARNING|ERROR|CRITICAL) - (.*)$/;
const PRETTY = /^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\.(\d{3}) (DEBUG|INFO|WARN|ERROR|CRITICAL) +(\S+) +(.*)$/;
/** Before the further lines of a pretty record: as wide as its time and level. */
const INDENT = /^ {1,33}/;

/** The record that a line begins; null when it goes on with the one before. */
export function recordIn(line: string): LogRecord | null {
  if (line.startsWith("{")) return jsonRecord(line);
  const python = PYTHON.exec(line);
  if (python) {
    const [, time = "", ms = "", logger = "", level = "", message = ""] = python;
    return { time: isoOf(time, ms), level: LEVELS[level]!, logger, message };
  }
  const pretty = PRETTY.exec(line);
  if (!pretty) return null;
  const [, time = "", ms = "", level = "", logger = "", message = ""] = pretty;
  return { time: isoOf(time, ms), level: LEVELS[level]!, logger, message };
}

/** A record with a further line of its file. */
export function withLine(record: LogRecord, line: string): LogRecord {
  return { ...record, message: `${record.message}\n${line.replace(INDENT, "")}` };
}

function jsonRecord(line: string): LogRecord | null {
  try {
    const record = JSON.parse(line) as Partial<LogRecord>;
    const { time, level, logger, message } = record;
    const whole = [time, level, logger, message].every((value) => typeof value === "string");
    return whole && Object.values(LEVELS).includes(level!) ? (record as LogRecord) : null;
  } catch {
    return null;
  }
}

/** The files have local times. */
function isoOf(time: string, ms: string): string {
  return new Date(`${time.replace(" ", "T")}.${ms}`).toISOString();
}

export interface Wanted {
  plugin: string | null;
  /** This level and those above it. */
  level: LogLevel;
  /** Milliseconds since 1970. */
  since: number;
}

const RANK: readonly LogLevel[] = ["debug", "info", "warn", "error", "critical"];

export function isWanted(record: LogRecord, { plugin, level, since }: Wanted): boolean {
  return (
    RANK.indexOf(record.level) >= RANK.indexOf(level) &&
    Date.parse(record.time) >= since &&
    (plugin === null || concerns(record, plugin))
  );
}

function concerns(record: LogRecord, plugin: string): boolean {
  if (typeof record.plugin === "string") return record.plugin === plugin;
  const { logger, message } = record;
  if (logger === `plugin.${plugin}` || logger.startsWith(`plugin.${plugin}.`)) return true;
  // a line for people has the field at its end
  return message.split("\n", 1)[0]!.includes(`  plugin=${plugin}`);
}
