/** Whether the Python daemon is still there. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";

/** The process that its pid file names, or null when that is not there or is another program by now. */
export function runningDaemon(pidFile: string): number | null {
  const pid = Number(textOf(pidFile)?.trim());
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return null;
  const [program] = textOf(`/proc/${pid}/cmdline`)?.split("\0", 1) ?? [];
  // without /proc nothing tells which program it is; Callsheet itself writes this file too
  return program === undefined || /python|pypy|shotgunEvent/i.test(basename(program)) ? pid : null;
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
