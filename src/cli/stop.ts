/** `callsheet stop`: ends the daemon that `start` or `run` began. */
import { Command } from "commander";
import { findPlace, type Place } from "./background/place.ts";
import { type Stopped, stopDaemon } from "./background/stop.ts";
import { wordedDuration } from "./background/wording.ts";
import { CONFIG_OPTION } from "./start.ts";
import { wholeNumber } from "./whole-number.ts";

const HELP = `
Callbacks in hand finish first, at most for shutdownTimeout; that the site is away makes no difference.
Exit status: 0 it ended, or was not running; 1 it is still there; 78 the configuration is wrong.

Examples:
  callsheet stop
  callsheet stop --state /var/lib/callsheet
  callsheet stop --kill                    at once: events in hand come again at the next start`;

export interface StopOptions {
  config?: string;
  state?: string;
  timeout?: number;
  kill: boolean;
}

export const STOP_OPTIONS = {
  state: ["-s, --state <folder>", "the state folder, in place of a configuration"],
  timeout: [
    "-t, --timeout <seconds>",
    "how long to wait for the end; default: 20 s beyond shutdownTimeout",
    wholeNumber(86_400),
  ],
  kill: ["-k, --kill", "end it at once, whatever it is doing", false],
} as const;

export function stopCommand(): Command {
  return new Command("stop")
    .description("end the running daemon")
    .option(...CONFIG_OPTION)
    .option(...STOP_OPTIONS.state)
    .option(...STOP_OPTIONS.timeout)
    .option(...STOP_OPTIONS.kill)
    .addHelpText("after", HELP)
    .action(async (options: StopOptions) => {
      await stop(await findPlace(options), options);
    });
}

/** Said to the person who waits. */
export async function stop({ state, config }: Place, { timeout, kill }: StopOptions): Promise<Stopped> {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const timeoutMs = timeout === undefined ? (config?.shutdownTimeout ?? 10_000) + 20_000 : timeout * 1000;
  const stopped = await stopDaemon({ state, timeoutMs, kill }, say);
  if (stopped.pid === null) say(`not running (state in ${state})`);
  else
    say(`${kill ? "killed" : "stopped"}: process ${stopped.pid}, after ${wordedDuration(stopped.afterMs)}`);
  return stopped;
}
