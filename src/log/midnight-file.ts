/**
 * A log file as the Python daemon keeps it: always under the same name, set aside at midnight as `<name>.2026-11-23`, the newest
 * 10 of those kept. The rolling file of the other formats has the day in its name from the beginning, which tools that
 * follow the Python daemon's files do not expect.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { asError } from "../errors.ts";
import { dayOf } from "./python-lines.ts";
import { KEPT_FILES, type RollingFile } from "./rolling-file.ts";

/**
 * Opens the file, or makes it. Each line is in it when `write` returns.
 * @param onError called when the disk takes nothing, once a cause
 * @throws what opening it throws
 */
export function openMidnightFile(
  file: string,
  onError: (error: Error) => void,
  now: () => Date = () => new Date(),
): RollingFile {
  mkdirSync(dirname(file), { recursive: true });
  let fd: number | null = openSync(file, "a");
  let day = lastDay(file, now());
  const told = new Set<string>();
  const attempt = (work: () => void) => {
    try {
      work();
    } catch (thrown) {
      const error = asError(thrown) as NodeJS.ErrnoException;
      const cause = error.code ?? error.message;
      if (!told.has(cause)) onError(error);
      told.add(cause);
    }
  };
  const turnOver = (old: number) => {
    const over = day;
    // first: whatever fails below is tried again tomorrow, not at each line
    day = dayFrom(now());
    setAside(file, over.name);
    fd = openSync(file, "a");
    closeSync(old);
  };
  return {
    write(text) {
      if (fd !== null && now().getTime() >= day.endsAt) attempt(() => turnOver(fd!));
      if (fd !== null) attempt(() => void writeSync(fd!, text));
    },
    async close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

/** The day that the file was last written on. */
function lastDay(file: string, now: Date) {
  const { size, mtime } = statSync(file);
  return dayFrom(size > 0 && mtime < now ? mtime : now);
}

function dayFrom(at: Date) {
  return { name: dayOf(at), endsAt: new Date(at.getFullYear(), at.getMonth(), at.getDate() + 1).getTime() };
}

/** A day that was set aside already, as after a change of the clock, is left alone: the file then grows for another day. */
function setAside(file: string, day: string): void {
  const aside = `${file}.${day}`;
  if (!existsSync(aside)) renameSync(file, aside);
  const prefix = `${basename(file)}.`;
  const old = readdirSync(dirname(file))
    .filter((name) => name.startsWith(prefix) && /^\d{4}-\d\d-\d\d$/.test(name.slice(prefix.length)))
    .sort();
  for (const name of old.slice(0, -KEPT_FILES)) unlinkSync(join(dirname(file), name));
}
