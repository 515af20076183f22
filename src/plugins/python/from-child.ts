/**
 * Lines for the log from a child that a plugin forked: the way to the daemon is its parent's, so that they come over stderr.
 * `guest/callsheet_guest/logs.py` is the other side.
 */
import type { PluginLogLine } from "../../daemon/host.ts";

const LEVELS = ["debug", "info", "warn", "error", "critical"];
const MARK = "\x1ecallsheet ";

export interface LineFromChild {
  /** The number of the plugin. */
  lane: number;
  line: PluginLogLine;
}

/** null for any other line. */
export function lineFromChild(written: string): LineFromChild | null {
  if (!written.startsWith(MARK)) return null;
  try {
    const { lane, line } = JSON.parse(written.slice(MARK.length));
    const { logger, level, message, eventId } = line;
    const right = [logger, message].every((text) => typeof text === "string") && LEVELS.includes(level);
    return right ? { lane, line: { logger, level, message, eventId: Number(eventId) || null } } : null;
  } catch {
    // two children wrote at once, or somebody else knows the mark
    return null;
  }
}
