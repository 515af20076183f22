/** What plugins write, into the log. */
import type { Log } from "../log/log.ts";
import type { PluginLogLine } from "./host.ts";

export function writeLine(log: Log, plugin: string, line: PluginLogLine): void {
  const { logger, level, message, eventId, call } = line;
  const event = eventId === null ? {} : { event_id: eventId };
  log.named(logger).at(level, message, { plugin, ...event, ...(call && { kind: "call", ...call }) });
}

export function tellsOfError({ level }: PluginLogLine): boolean {
  return level === "error" || level === "critical";
}
