/** Ends a running daemon. Whom to end is known from the lock of the state folder, never from a pid file. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as timer } from "node:timers/promises";
import { asError, CallsheetError } from "../../errors.ts";
import { stateFolder } from "../../journal/sqlite/folder.ts";
import { type LockOwner, lockHolder } from "../../journal/sqlite/lock.ts";

export interface StopOptions {
  /** Absolute path of the state folder. */
  state: string;
  /** How long to wait for the end. */
  timeoutMs: number;
  /** End it at once: nothing in hand is finished. */
  kill: boolean;
}

export interface Stopped {
  /** null: nothing was running. */
  pid: number | null;
  afterMs: number;
}

const LOOK_EVERY_MS = 50;
const TELL_EVERY_MS = 5000;
/** A process is gone a moment after it let go of the folder. */
const LAST_MOMENT_MS = 2000;
/** Says who was asked to end: a second SIGTERM would end that process at once. */
const ASKED = "stop.asked";

/**
 * Resolves when the daemon is gone.
 * @param say told of the wait, one line each
 * @throws {CallsheetError} STOP_TIMEOUT; STATE_LOCKED when it runs on another machine or for another user
 */
export async function stopDaemon(options: StopOptions, say: (line: string) => void): Promise<Stopped> {
  const folder = stateFolder(options.state);
  const holder = await lockHolder(folder);
  if (!holder) return { pid: null, afterMs: 0 };
  if (holder.host !== hostname()) throw elsewhere(holder);
  const since = performance.now();
  ask(options, holder);
  let told = since;
  while (await isHeldBy(holder, options.state)) {
    const now = performance.now();
    if (now - since > options.timeoutMs) throw tooLong(holder, now - since);
    if (now - told > TELL_EVERY_MS) {
      say(`process ${holder.pid} is finishing what is in hand (${Math.round((now - since) / 1000)} s)`);
      told = now;
    }
    await timer(LOOK_EVERY_MS);
  }
  await untilGone(holder.pid);
  rmSync(join(options.state, ASKED), { force: true });
  return { pid: holder.pid, afterMs: performance.now() - since };
}

async function isHeldBy({ pid, startedAt }: LockOwner, state: string): Promise<boolean> {
  const now = await lockHolder(stateFolder(state));
  return now !== null && now.pid === pid && now.startedAt === startedAt;
}

function ask({ state, kill }: StopOptions, { pid, startedAt }: LockOwner): void {
  const asked = join(state, ASKED);
  const who = JSON.stringify({ pid, startedAt });
  if (!kill && contentOf(asked) === who) return;
  try {
    process.kill(pid, kill ? "SIGKILL" : "SIGTERM");
    writeFileSync(asked, who);
  } catch (error) {
    const { code } = asError(error) as NodeJS.ErrnoException;
    if (code === "ESRCH") return;
    throw new CallsheetError("STATE_LOCKED", `Process ${pid} cannot be ended: ${asError(error).message}.`, {
      hint: "Stop it as the user that started it, or as root.",
      cause: error,
    });
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

async function untilGone(pid: number): Promise<void> {
  const since = performance.now();
  while (performance.now() - since < LAST_MOMENT_MS) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await timer(LOOK_EVERY_MS);
  }
}

function elsewhere({ pid, host }: LockOwner): CallsheetError {
  return new CallsheetError(
    "STATE_LOCKED",
    `The daemon is process ${pid} on ${host}, and this is ${hostname()}.`,
    {
      hint: `Stop it on ${host}.`,
    },
  );
}

function tooLong({ pid }: LockOwner, waitedMs: number): CallsheetError {
  return new CallsheetError(
    "STOP_TIMEOUT",
    `Process ${pid} was asked to end and is still there after ${Math.round(waitedMs / 1000)} s.`,
    {
      hint: "Its log says what it waits for. Wait, or end it at once with: callsheet stop --kill (the event that each plugin is in the middle of then comes again).",
    },
  );
}
