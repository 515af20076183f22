/** Which state file of the Python daemon was taken over last: another content of it means that this daemon has run since. */
import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** In Callsheet's state folder: a hash of the file. */
const NOTE = "taken-over";

/** What tells one content of the file from another; null when there is none that can be read. */
export function contentOf(stateFile: string): string | null {
  try {
    return createHash("sha256").update(readFileSync(stateFile)).digest("hex");
  } catch {
    return null;
  }
}

/** Whether this content was taken over into the state folder, as the last of all. */
export function isTakenOver(state: string, content: string): boolean {
  try {
    return readFileSync(join(state, NOTE), "utf8").trim() === content;
  } catch {
    return false;
  }
}

/** To be called when all of it is durable. Without the note the next start does it once more, which is harmless. */
export function noteTakenOver(state: string, content: string): void {
  const file = join(state, NOTE);
  try {
    writeFileSync(`${file}.new`, `${content}\n`, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  } catch {
    // told by whatever writes there next
  }
}
