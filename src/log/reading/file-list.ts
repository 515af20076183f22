/** The files of one log, those that were set aside too. */
import { readdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pluginPath } from "../files.ts";
import type { LogPlace } from "./place.ts";

const ROLLED = /^\.\d{4}-\d\d-\d\d\.\d+\.log$/;
const SET_ASIDE = /^\.\d{4}-\d\d-\d\d$/;

/**
 * Absolute paths, oldest first; none when there are none yet. A plugin's lines stand in files of its own where the log is kept so,
 * and else in the main ones.
 */
export function logFiles({ dir, file, files, format }: LogPlace, plugin: string | null): string[] {
  const path = plugin !== null && files === "plugin" ? pluginPath(dir, plugin) : resolve(dir, file);
  const [folder, stem] = [dirname(path), basename(path)];
  const pattern = format === "python" ? SET_ASIDE : ROLLED;
  const names = namesIn(folder).filter((name) => name.startsWith(stem));
  const dated = names
    .filter((name) => pattern.test(name.slice(stem.length)))
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  // the newest has no date yet there
  const all = format === "python" && names.includes(stem) ? [...dated, stem] : dated;
  return all.map((name) => join(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
