/** Whether a daemon's process runs, as far as its state folder tells. */
import { hostname } from "node:os";
import { type StateFolder, stateFolder } from "../../journal/sqlite/folder.ts";
import { type LockOwner, lockHolder, readOwner } from "../../journal/sqlite/lock.ts";
import { type LastFailure, lastFailure } from "./last-failure.ts";
import type { Place } from "./place.ts";
import { wordedDuration, wordedTime } from "./wording.ts";

/** As the Linux Standard Base has it for status commands. */
const EXIT_DIED = 1;
const EXIT_NOT_RUNNING = 3;

export interface ProcessStatus {
  running: boolean;
  pid: number | null;
  host: string | null;
  /** ISO 8601 UTC, as is the next. */
  startedAt: string | null;
  /** When it ended in order; null while it runs, or when it was ended without warning. */
  closedAt: string | null;
  /** Why it ended by itself; null: it did not, or that is not known. */
  failure: Pick<LastFailure, "at" | "code" | "message" | "hint"> | null;
  state: string;
  config: string | null;
}

export async function processStatus({ state, config }: Place): Promise<ProcessStatus> {
  const folder = stateFolder(state);
  const holder = await lockHolder(folder);
  const last: LockOwner | null = holder ?? readOwner(folder);
  return {
    running: holder !== null,
    pid: last?.pid ?? null,
    host: last?.host ?? null,
    startedAt: last?.startedAt ?? null,
    closedAt: last?.closedAt ?? null,
    failure: holder ? null : failureOf(folder, last),
    state,
    config: config?.file ?? null,
  };
}

function failureOf({ path }: StateFolder, last: LockOwner | null): ProcessStatus["failure"] {
  const found = last && lastFailure(path, { pid: last.pid, since: last.closedAt ?? last.startedAt });
  return found && { at: found.at, code: found.code, message: found.message, hint: found.hint };
}

export function exitStatusFor({ running, pid, closedAt }: ProcessStatus): number {
  if (running) return 0;
  return pid !== null && closedAt === null ? EXIT_DIED : EXIT_NOT_RUNNING;
}

export function rowsOf(status: ProcessStatus): string[][] {
  const rows = [[status.running ? "running" : "not running", sentenceOf(status)]];
  if (status.failure) rows.push(["why", whyOf(status.failure)]);
  if (status.config !== null) rows.push(["config", status.config]);
  return [...rows, ["state", status.state]];
}

function whyOf({ code, message, hint }: NonNullable<ProcessStatus["failure"]>): string {
  return `${code}: ${message}${hint ? ` ${hint}` : ""}`;
}

function sentenceOf({ running, pid, host, startedAt, closedAt, failure }: ProcessStatus): string {
  if (pid === null || startedAt === null) return "no daemon has used this state folder";
  const where = host === hostname() ? "" : ` on ${host}`;
  if (running) {
    const ago = wordedDuration(Date.now() - Date.parse(startedAt));
    return `process ${pid}${where}, since ${wordedTime(startedAt)} (${ago})`;
  }
  if (failure) return `process ${pid}${where} failed at ${wordedTime(failure.at)}`;
  if (closedAt !== null) return `process ${pid}${where} ended in order at ${wordedTime(closedAt)}`;
  return `process ${pid}${where}, started ${wordedTime(startedAt)}, was ended without warning; the next start goes on where it was`;
}
