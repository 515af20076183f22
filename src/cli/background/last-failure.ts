/** Why a daemon ended by itself, left in its state folder for those who ask when it is gone. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asError, CallsheetError } from "../../errors.ts";

export interface LastFailure {
  pid: number;
  /** ISO 8601 UTC. */
  at: string;
  code: string;
  message: string;
  hint: string | null;
}

const NAME = "failure.json";

/** A folder that does not take it, or is not there, keeps nobody from ending: the log has it too. */
export function leaveFailure(state: string, thrown: unknown): void {
  const error = asError(thrown);
  const known = error instanceof CallsheetError ? error : null;
  const failure: LastFailure = {
    pid: process.pid,
    at: new Date().toISOString(),
    code: known?.code ?? "INTERNAL",
    message: error.message,
    hint: known?.hint ?? null,
  };
  try {
    const file = join(state, NAME);
    writeFileSync(`${file}.new`, `${JSON.stringify(failure)}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {}
}

/**
 * How the daemon failed that had the folder last; null: it did not.
 * @param since when it began to end, or its start where that is not known, ISO 8601 UTC
 */
export function lastFailure(
  state: string,
  { pid, since }: { pid: number; since: string },
): LastFailure | null {
  try {
    const failure = JSON.parse(readFileSync(join(state, NAME), "utf8")) as LastFailure;
    const { at, code, message } = failure;
    const isWhole = [at, code, message].every((text) => typeof text === "string");
    return isWhole && failure.pid === pid && at >= since ? failure : null;
  } catch {
    return null;
  }
}
