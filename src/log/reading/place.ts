/** Where a daemon's log files are. It leaves that in its state folder, for those who read them without its configuration. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { FileOptions } from "../files.ts";

/** Enough to find the files of a log and to read their lines. */
export type LogPlace = Pick<FileOptions, "dir" | "file" | "files" | "format">;

const NAME = "log.json";

/** @param place null: it writes to the standard output alone */
export function leaveLogPlace(state: string, place: LogPlace | null): void {
  const file = join(state, NAME);
  writeFileSync(`${file}.new`, `${JSON.stringify({ place })}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** undefined when no daemon has left word, or none that can be read; null when it writes no files. */
export function leftLogPlace(state: string): LogPlace | null | undefined {
  try {
    const { place } = JSON.parse(readFileSync(join(state, NAME), "utf8")) as { place: LogPlace | null };
    return place === null || (typeof place.dir === "string" && typeof place.file === "string")
      ? place
      : undefined;
  } catch {
    return undefined;
  }
}
