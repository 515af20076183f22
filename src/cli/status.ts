/** `callsheet status`: whether a daemon runs, as far as its state folder tells. */
import { hostname } from "node:os";
import { Command } from "commander";
import { stateFolder } from "../journal/sqlite/folder.ts";
import { type LockOwner, lockHolder, readOwner } from "../journal/sqlite/lock.ts";
import { findPlace, type Place } from "./background/place.ts";
import { wordedDuration, wordedTime } from "./background/wording.ts";
import { CONFIG_OPTION } from "./start.ts";
import { STOP_OPTIONS } from "./stop.ts";
import { table } from "./table.ts";

const HELP = `
Exit status: 0 running; 1 not running, having been ended without warning; 3 not running; 78 the configuration is wrong.

Examples:
  callsheet status
  callsheet status --state /var/lib/callsheet --json`;

/** As the Linux Standard Base has it for status commands. */
const EXIT_DIED = 1;
const EXIT_NOT_RUNNING = 3;

interface Status {
  running: boolean;
  pid: number | null;
  host: string | null;
  /** ISO 8601 UTC, as is the next. */
  startedAt: string | null;
  /** When it ended in order; null while it runs, or when it was ended without warning. */
  closedAt: string | null;
  state: string;
  config: string | null;
}

export function statusCommand(): Command {
  return new Command("status")
    .description("say whether the daemon is running")
    .option(...CONFIG_OPTION)
    .option(...STOP_OPTIONS.state)
    .option("--json", "print JSON", false)
    .addHelpText("after", HELP)
    .action(async (options: { config?: string; state?: string; json: boolean }) => {
      const status = await statusOf(await findPlace(options));
      process.stdout.write(options.json ? `${JSON.stringify(status, null, 2)}\n` : table(rowsOf(status)));
      process.exitCode = exitStatusFor(status);
    });
}

async function statusOf({ state, config }: Place): Promise<Status> {
  const folder = stateFolder(state);
  const holder = await lockHolder(folder);
  const last: LockOwner | null = holder ?? readOwner(folder);
  return {
    running: holder !== null,
    pid: last?.pid ?? null,
    host: last?.host ?? null,
    startedAt: last?.startedAt ?? null,
    closedAt: last?.closedAt ?? null,
    state,
    config: config?.file ?? null,
  };
}

function exitStatusFor({ running, pid, closedAt }: Status): number {
  if (running) return 0;
  return pid !== null && closedAt === null ? EXIT_DIED : EXIT_NOT_RUNNING;
}

function rowsOf(status: Status): string[][] {
  const rows = [[status.running ? "running" : "not running", sentenceOf(status)]];
  if (status.config !== null) rows.push(["config", status.config]);
  return [...rows, ["state", status.state]];
}

function sentenceOf({ running, pid, host, startedAt, closedAt }: Status): string {
  if (pid === null || startedAt === null) return "no daemon has used this state folder";
  const where = host === hostname() ? "" : ` on ${host}`;
  if (running) {
    const ago = wordedDuration(Date.now() - Date.parse(startedAt));
    return `process ${pid}${where}, since ${wordedTime(startedAt)} (${ago})`;
  }
  if (closedAt !== null) return `process ${pid}${where} ended in order at ${wordedTime(closedAt)}`;
  return `process ${pid}${where}, started ${wordedTime(startedAt)}, was ended without warning; the next start goes on where it was`;
}
