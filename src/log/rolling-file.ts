/** A log file with a new one each day (`callsheet.2026-11-23.1.log`); the newest 10 are kept. */
import { once } from "node:events";
import { readdir, unlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { RollingStream } from "pino-roll";

export const KEPT_FILES = 10;
/** Held in memory while the disk takes nothing; later lines are dropped. */
const MOST_UNWRITTEN_BYTES = 8e6;

export interface RollingFile {
  write(text: string): void;
  close(): Promise<void>;
}

/**
 * Opens the log file. What is written before it is open is kept and written then; afterwards each line is in the file
 * when `write` returns.
 * @param file path without date, such as `/var/log/callsheet/callsheet.log`
 * @param onError called when the disk takes nothing, once a cause
 */
export function openRollingFile(
  file: string,
  onError: (error: Error) => void,
): RollingFile & { opened: Promise<void> } {
  let stream: RollingStream | null = null;
  let early = "";
  const told = new Set<string>();
  const tell = (error: NodeJS.ErrnoException) => {
    const cause = error.code ?? error.message;
    if (!told.has(cause)) onError(error);
    told.add(cause);
  };

  const opened = openStream(file).then((opening) => {
    opening.on("error", tell);
    if (early !== "") opening.write(early);
    early = "";
    stream = opening;
  });
  return {
    opened,
    write(text) {
      if (stream) stream.write(text);
      else if (early.length < MOST_UNWRITTEN_BYTES) early += text;
    },
    async close() {
      await opened.catch(() => {});
      if (!stream) return;
      const closed = once(stream, "close");
      stream.end();
      await closed.catch(() => {});
      stream = null;
    },
  };
}

async function openStream(file: string): Promise<RollingStream> {
  // brings hundreds of modules with it, which a daemon without log files never needs
  const { default: roll } = await import("pino-roll");
  const stream = await roll({
    file,
    frequency: "daily",
    dateFormat: "yyyy-MM-dd",
    mkdir: true,
    sync: true,
    maxLength: MOST_UNWRITTEN_BYTES,
    limit: { count: KEPT_FILES, removeOtherLogFiles: true },
  });
  await removeOldFiles(file);
  return stream;
}

/** The library removes old files when the day changes; this does it for a daemon that never runs at midnight. */
async function removeOldFiles(file: string): Promise<void> {
  const stem = basename(file, ".log");
  const ours = (await readdir(dirname(file)))
    .filter(
      (name) => name.startsWith(`${stem}.`) && /^\.\d{4}-\d\d-\d\d\.\d+\.log$/.test(name.slice(stem.length)),
    )
    .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  await Promise.allSettled(ours.slice(0, -KEPT_FILES).map((name) => unlink(join(dirname(file), name))));
}
