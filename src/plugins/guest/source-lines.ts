/** The lines of the plugin's own file around the place where it failed, for people who do not have it open. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { ReportedSource } from "../../daemon/host.ts";

const LINES_BEFORE = 3;
const LINES_AFTER = 3;
const LONGEST_LINE = 200;
const LARGEST_FILE = 2_000_000;

/** The file as it was read last. */
let known: { path: string; version: string; lines: string[]; sha256: string } | null = null;

/** @param stack of the error, its innermost frame first; null when it did not come through the file, or that cannot be read */
export function sourceLines(pluginPath: string, stack: string): ReportedSource | null {
  const line = lineIn(pluginPath, stack);
  if (line === null) return null;
  try {
    const { lines, sha256 } = read(pluginPath);
    if (line > lines.length) return null;
    const first = Math.max(1, line - LINES_BEFORE);
    const shown = lines.slice(first - 1, line + LINES_AFTER).map((text) => text.slice(0, LONGEST_LINE));
    return { path: pluginPath, line, first, lines: shown, sha256 };
  } catch {
    return null;
  }
}

function lineIn(pluginPath: string, stack: string): number | null {
  const name = basename(pluginPath);
  for (const frame of stack.split("\n")) {
    const [, path, line] = /^\s+at (?:.*\()?(.+?):(\d+):\d+\)?$/.exec(frame) ?? [];
    if (path?.endsWith(name) && isSame(path.replace(/^async /, ""), pluginPath)) return Number(line);
  }
  return null;
}

function isSame(path: string, pluginPath: string): boolean {
  try {
    return path === pluginPath || path === realpathSync(pluginPath);
  } catch {
    return false;
  }
}

function read(path: string): NonNullable<typeof known> {
  const { mtimeMs, size, ino } = statSync(path);
  const version = `${mtimeMs} ${size} ${ino}`;
  if (known?.path === path && known.version === version) return known;
  if (size > LARGEST_FILE) throw new Error("too large to be worth it");
  const content = readFileSync(path);
  // a thread that meets no failure need not load it
  const { createHash } = process.getBuiltinModule("node:crypto");
  const sha256 = createHash("sha256").update(content).digest("hex");
  known = { path, version, lines: content.toString().split(/\r?\n/), sha256 };
  return known;
}
