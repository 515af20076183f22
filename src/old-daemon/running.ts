/** Whether the Python daemon is still there. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { CallsheetError } from "../errors.ts";

/**
 * How much speaks for it: its pid file names a process that runs its script; or perhaps also another python, since studios
 * rename that script, and a number may be another program's by now.
 */
export type Likeness = "surely" | "perhaps";

/** @throws {CallsheetError} OLD_DAEMON_RUNS: the two know nothing of one another, and every event would be given twice */
export function refuseBesideDaemon(pidFile: string, likeness: Likeness): void {
  const pid = runningDaemon(pidFile, likeness);
  if (pid === null) return;
  throw new CallsheetError(
    "OLD_DAEMON_RUNS",
    `The Python daemon is running: process ${pid}, by ${pidFile}.`,
    {
      hint: "Stop it first, so that no event is given twice. Should that process be something else, remove the file.",
    },
  );
}

/** The process that its pid file names, or null when that is not there or is another program by now. */
export function runningDaemon(pidFile: string, likeness: Likeness): number | null {
  const pid = Number(textOf(pidFile)?.trim());
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid || !isAlive(pid)) return null;
  const command = textOf(`/proc/${pid}/cmdline`)
    ?.split("\0")
    .map((part) => basename(part));
  // without /proc nothing tells which program it is; Callsheet itself writes this file too
  if (command === undefined) return likeness === "perhaps" ? pid : null;
  const [program = "", ...args] = command;
  const isPython = /^(python|pypy)/i.test(program);
  const isScript = (name: string) => /^shotgunEvent\w*(\.py)?$/i.test(name);
  const isIt = isScript(program) || (isPython && (likeness === "perhaps" || args.some(isScript)));
  return isIt ? pid : null;
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
