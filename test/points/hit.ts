/**
 * Dying at a point. A run arms one point by a file in the folder that `POINTS` names: its name, how often it has to be met, and whom to
 * kill. Whoever meets it takes the file away, and the one who could take it dies: by its own hand, in the middle of the step.
 */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { join } from "node:path";

export interface Armed {
  point: string;
  /** Met so often, it kills. From 1. */
  count: number;
  /** A python process may die alone, or take the daemon with it. Everything else is the daemon. */
  victim: "daemon" | "host";
}

// as they are now: the one is wrapped later, and the other is not for plugins
const rename = renameSync;
const kill = process.kill;
let armed: Armed | null | undefined;

export function arm(folder: string, point: Armed): void {
  writeFileSync(join(folder, "armed.new"), JSON.stringify(point));
  rename(join(folder, "armed.new"), join(folder, "armed"));
}

export function hit(point: string): void {
  const folder = process.env.POINTS;
  if (folder === undefined) return;
  armed ??= armedIn(folder);
  if (armed?.point !== point) return;
  armed.count -= 1;
  if (armed.count > 0) return;
  try {
    rename(join(folder, "armed"), join(folder, "met"));
  } catch {
    // another one was quicker
    return;
  }
  // else no start would leave anything for the next, and most of the run would be compiling
  flushCompileCache();
  kill.call(process, process.pid, "SIGKILL");
}

function armedIn(folder: string): Armed | null {
  try {
    return JSON.parse(readFileSync(join(folder, "armed"), "utf8")) as Armed;
  } catch {
    return null;
  }
}
