/**
 * One writer per state folder. The lock is a write lock of SQLite on an empty file, which the operating system frees
 * when its holder dies, however it dies. Who holds it stands in a file beside it, since a second one must be able to read that.
 * The lock file itself is never opened by other means: closing it again would free the lock (POSIX record locks).
 */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hostname, uptime } from "node:os";
import { basename } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as timer } from "node:timers/promises";
import { CallsheetError } from "../../errors.ts";
import type { StateFolder } from "./folder.ts";
import { translated } from "./trouble.ts";

const SQLITE_BUSY = 5;
/**
 * A new holder writes its name a moment after it has the lock; who is refused waits this long for it, in ms. So long too it tries
 * again where no live holder is named: `lockHolder` has the lock for a moment when it looks.
 */
const OWNER_WAIT = 400;
const OWNER_POLL = 20;
/** Two times of the same start of the machine differ by less, in ms. */
const BOOT_TOLERANCE = 10_000;

export interface LockOwner {
  pid: number;
  host: string;
  startedAt: string;
  /** When it let go of the folder on purpose; null while it runs, or when it was killed. */
  closedAt: string | null;
  /** When the machine was started, ms since 1970, as far as its clock can tell. */
  bootedAt: number;
  /** File names of the databases that are closed in order. */
  closed: readonly string[];
  /** Of those that were being closed when this was written: a kill may have come before or after their logs went. */
  closing: readonly string[];
  /** The machine went down while the lanes were open, and they do not say so yet: the newest progress may be lost. */
  lostPower: boolean;
}

type Databases = Pick<LockOwner, "closed" | "closing" | "lostPower">;

/** All of them are open, and nothing is in doubt that they do not say themselves. */
export const OPEN: Databases = { closed: [], closing: [], lostPower: false };

export interface StateLock {
  /** Who held the folder before; null when nobody did. A loss of power since then is told of it. */
  readonly previous: LockOwner | null;
  /** Writes down who holds the folder, which databases are or may be closed in order, and whether there is doubt. */
  announce(databases: Databases): void;
  /** Writes down that these are about to be closed too. Without room for that it says nothing: closing them makes some. */
  announceClosing(files: readonly string[]): void;
  /** Lets go of the folder; writes that down if `closed` is given. What was announced of a loss of power holds for who comes next. */
  release(closed: readonly string[] | null): void;
}

/** @throws STATE_LOCKED naming the holder, within half a second */
export async function takeLock(folder: StateFolder, now: () => Date): Promise<StateLock> {
  const database = await lockPatiently(folder);
  const previous = previousOwner(folder);
  let announced: Databases = previous ?? OPEN;
  const owner = { pid: process.pid, host: hostname(), startedAt: now().toISOString(), bootedAt: bootedAt() };
  return {
    previous,
    announce({ closed, closing, lostPower }) {
      announced = { closed, closing, lostPower };
      writeOwner(folder, { ...owner, closedAt: null, ...announced });
    },
    announceClosing(files) {
      const closing = [...announced.closing, ...files.map((file) => basename(file))];
      try {
        const { closed, lostPower } = announced;
        writeOwner(folder, { ...owner, closedAt: null, closed, closing, lostPower });
      } catch (error) {
        if (!(error instanceof CallsheetError) || error.code !== "STATE_FULL") throw error;
      }
    },
    release(closed) {
      try {
        const { lostPower } = announced;
        const closedAt = now().toISOString();
        if (closed) writeOwner(folder, { ...owner, closedAt, closed, closing: [], lostPower });
      } finally {
        database.close();
      }
    },
  };
}

/**
 * The same for a repair: a lock file that is damaged itself is put aside with `keep` and made anew.
 * @throws STATE_LOCKED
 */
export async function takeLockForRepair(
  folder: StateFolder,
  now: () => Date,
  keep: (file: string) => void,
): Promise<StateLock> {
  try {
    return await takeLock(folder, now);
  } catch (error) {
    if (!(error instanceof CallsheetError) || error.code !== "STATE_CORRUPT") throw error;
    keep(folder.lock);
    rmSync(folder.lock);
    return takeLock(folder, now);
  }
}

/** null when another process, or another journal in this one, has it. */
function lockDatabase(folder: StateFolder): DatabaseSync | null {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(folder.lock, { timeout: 0 });
    database.exec("BEGIN IMMEDIATE");
    return database;
  } catch (error) {
    database?.close();
    if (((error as { errcode?: number }).errcode ?? 0) % 256 === SQLITE_BUSY) return null;
    throw translated(error, folder.lock);
  }
}

/** @throws STATE_LOCKED */
async function lockPatiently(folder: StateFolder): Promise<DatabaseSync> {
  const deadline = performance.now() + OWNER_WAIT;
  for (;;) {
    const database = lockDatabase(folder);
    if (database) return database;
    const owner = liveOwner(folder);
    if (owner || performance.now() >= deadline) throw refusal(folder, owner);
    await timer(OWNER_POLL);
  }
}

/**
 * Who has the folder now; null when nobody does. For other processes than the holder's own.
 * @throws STATE_LOCKED when somebody does who has not said who it is; STATE_UNUSABLE when the folder cannot be looked at
 */
export async function lockHolder(folder: StateFolder): Promise<LockOwner | null> {
  if (!existsSync(folder.lock)) return null;
  const deadline = performance.now() + OWNER_WAIT;
  for (;;) {
    const database = lockDatabase(folder);
    database?.close();
    if (database) return null;
    const owner = liveOwner(folder);
    if (owner) return owner;
    if (performance.now() >= deadline) throw refusal(folder, null);
    await timer(OWNER_POLL);
  }
}

function liveOwner(folder: StateFolder): LockOwner | null {
  const owner = readOwner(folder);
  return owner && mayBeAlive(owner) ? owner : null;
}

function refusal(folder: StateFolder, owner: LockOwner | null): CallsheetError {
  const who = owner
    ? `process ${owner.pid} on ${owner.host}, started ${owner.startedAt}`
    : "another process that has not said yet which one it is";
  return new CallsheetError("STATE_LOCKED", `The state folder ${folder.path} is in use by ${who}.`, {
    hint: "Stop that daemon first, or name another folder as `state`.",
  });
}

function mayBeAlive(owner: LockOwner): boolean {
  if (owner.closedAt) return false;
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function previousOwner(folder: StateFolder): LockOwner | null {
  const owner = readOwner(folder);
  return owner && { ...owner, lostPower: lostPower(owner, basename(folder.lanes)) };
}

/**
 * Whether the machine went down while this owner, or one before it, had the lanes open. A clock that was set in between looks the
 * same, which does little harm.
 */
function lostPower(owner: LockOwner, lanes: string): boolean {
  if (owner.lostPower) return true;
  return !owner.closed.includes(lanes) && Math.abs(owner.bootedAt - bootedAt()) > BOOT_TOLERANCE;
}

function bootedAt(): number {
  return Math.round(Date.now() - uptime() * 1000);
}

/** null when there is none, or none that can be read. */
export function readOwner(folder: StateFolder): LockOwner | null {
  try {
    const owner = JSON.parse(readFileSync(folder.owner, "utf8")) as LockOwner;
    const whole =
      typeof owner.pid === "number" && typeof owner.host === "string" && Array.isArray(owner.closed);
    // written by a version that did not say
    const { closing = [], lostPower = false } = owner;
    return whole ? { ...owner, closing, lostPower } : null;
  } catch {
    return null;
  }
}

function writeOwner(folder: StateFolder, owner: LockOwner): void {
  const draft = `${folder.owner}.new`;
  try {
    writeFileSync(draft, `${JSON.stringify(owner)}\n`, { mode: 0o600 });
    renameSync(draft, folder.owner);
  } catch (error) {
    throw translated(error, folder.owner);
  }
}
