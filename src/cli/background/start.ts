/** Starts the daemon in the background, and waits until it says that it is up. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "../../config-file.ts";
import { asError, CallsheetError, type ErrorCode } from "../../errors.ts";
import { stateFolder } from "../../journal/sqlite/folder.ts";
import { type LockOwner, lockHolder } from "../../journal/sqlite/lock.ts";
import { wordedTime } from "./wording.ts";

/** What the daemon tells the process that started it. */
export type BirthNotice =
  | { kind: "up" }
  | { kind: "failed"; code: ErrorCode | null; message: string; hint: string | null };

export interface Started {
  pid: number;
  /** It had been there before. */
  already: boolean;
}

/** How often a wait is told of. */
const TELL_EVERY_MS = 5000;

/**
 * @param say told of waits, one line each
 * @throws {CallsheetError} what kept it from starting
 */
export async function startInBackground(config: Config, say: (line: string) => void): Promise<Started> {
  const folder = stateFolder(config.state);
  const holder = await lockHolder(folder);
  if (holder) return already(holder, say);
  const lastWords = join(config.state, LAST_WORDS);
  const child = spawnDaemon(config.file, openForWords(lastWords));
  try {
    await birthOf(child, lastWords, say);
    return { pid: child.pid!, already: false };
  } catch (error) {
    // another start was faster
    const other =
      error instanceof CallsheetError && error.code === "STATE_LOCKED" ? await lockHolder(folder) : null;
    if (other) return already(other, say);
    throw error;
  }
}

function already({ pid, startedAt }: LockOwner, say: (line: string) => void): Started {
  say(`already running: process ${pid}, since ${wordedTime(startedAt)}`);
  return { pid, already: true };
}

/** What the runtime itself has to say, such as that its memory is used up; nothing else is written there. */
export const LAST_WORDS = "stderr.log";

function openForWords(file: string): number {
  try {
    const state = dirname(file);
    // what lies above may be a folder for everybody's log files
    mkdirSync(dirname(state), { recursive: true });
    mkdirSync(state, { recursive: true, mode: 0o700 });
    return openSync(file, "w", 0o600);
  } catch (error) {
    throw new CallsheetError(
      "STATE_UNUSABLE",
      `${dirname(file)} cannot be written: ${asError(error).message}.`,
      {
        hint: "Give the daemon's user the right to write there, or name another folder as `state`.",
        cause: error,
      },
    );
  }
}

/** In a session of its own, so that no end of a terminal reaches it. */
function spawnDaemon(configFile: string, stderr: number): ChildProcess {
  const args = [...process.execArgv, process.argv[1]!, "run", "--background", "--config", configFile];
  try {
    return spawn(process.execPath, args, {
      cwd: dirname(configFile),
      detached: true,
      stdio: ["ignore", stderr, stderr, "ipc"],
    });
  } finally {
    closeSync(stderr);
  }
}

async function birthOf(child: ChildProcess, lastWords: string, say: (line: string) => void): Promise<void> {
  const since = performance.now();
  const waiting = setInterval(() => {
    say(`process ${child.pid} is not up yet (${Math.round((performance.now() - since) / 1000)} s)`);
  }, TELL_EVERY_MS);
  const over = new AbortController();
  try {
    const told = once(child, "message", over).then(([notice]) => notice as BirthNotice);
    // what it said last comes before the end of the channel, and perhaps after its exit
    const ended = Promise.all([once(child, "exit", over), once(child, "disconnect", over)]);
    const early = ended.then(([[status, signal]]) => endedEarly(lastWords, status, signal));
    const notice = await Promise.race([told, early]);
    if (notice.kind === "failed") throw failureOf(notice);
  } finally {
    over.abort();
    clearInterval(waiting);
    if (child.connected) child.disconnect();
    child.unref();
  }
}

/** Its last words were for the standard error, as those of `callsheet run` are. */
function endedEarly(lastWords: string, status: number | null, signal: string | null): never {
  const said = readFileSync(lastWords, "utf8").trim();
  if (said === "" && (status === 0 || signal === "SIGTERM")) {
    throw new CallsheetError("START_ENDED", "The daemon was asked to end before it was up.");
  }
  const how = signal === null ? `status ${status}` : signal;
  const what = said === "" ? "without a word" : `having said:\n${said}`;
  throw new CallsheetError("START_ENDED", `The daemon ended with ${how} before it was up, ${what}`, {
    hint: "callsheet run shows more.",
  });
}

function failureOf({ code, message, hint }: BirthNotice & { kind: "failed" }): Error {
  return code === null
    ? new Error(message)
    : new CallsheetError(code, message, hint === null ? {} : { hint });
}
