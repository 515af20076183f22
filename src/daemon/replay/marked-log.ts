import type { Log, LogFields } from "../../log/log.ts";
import type { LogLevel } from "../../plugin.ts";

/** A log whose lines say which replay they are of. */
export function markedLog(log: Log, replay: number): Log {
  const at = (level: LogLevel, message: string, fields: LogFields = {}) =>
    log.at(level, message, { ...fields, replay });
  return {
    at,
    debug: (message, fields) => at("debug", message, fields),
    info: (message, fields) => at("info", message, fields),
    warn: (message, fields) => at("warn", message, fields),
    error: (message, fields) => at("error", message, fields),
    critical: (message, fields) => at("critical", message, fields),
    named: (name) => markedLog(log.named(name), replay),
  };
}
