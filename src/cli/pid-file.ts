/** The pid file of a configuration that names one: for a studio's old tools. Nothing of Callsheet reads it but to remove its own. */
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { asError } from "../errors.ts";
import type { Log } from "../log/log.ts";

/** Whatever stands there already is replaced. A file that cannot be written is told of, and does no harm. */
export function writePidFile(file: string, log: Log): void {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${process.pid}\n`);
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    log.warn(`the pid file cannot be written: ${asError(error).message}; nothing of Callsheet needs it`);
  }
}

/** Removes it if this process wrote it. */
export function removePidFile(file: string): void {
  try {
    if (readFileSync(file, "utf8") === `${process.pid}\n`) rmSync(file);
  } catch {
    // it is gone, or may not be touched: the next daemon replaces it
  }
}
