/** `callsheet restart`: `stop`, then `start`. */
import { Command } from "commander";
import { findPlace } from "./background/place.ts";
import { loadSetup } from "./setup.ts";
import { CONFIG_OPTION, start } from "./start.ts";
import { STOP_OPTIONS, type StopOptions, stop } from "./stop.ts";

const HELP = `
A daemon that is not running is started. One that does not end in time stays, and no second one is started; nor is one
ended for a configuration that is wrong.

Examples:
  callsheet restart
  callsheet restart --config /etc/shotgunEventDaemon.conf --timeout 60`;

export function restartCommand(): Command {
  return new Command("restart")
    .description("end the running daemon and start it again, in the background")
    .option(...CONFIG_OPTION)
    .option(...STOP_OPTIONS.timeout)
    .option(...STOP_OPTIONS.kill)
    .addHelpText("after", HELP)
    .action(async (options: StopOptions) => {
      await loadSetup(options.config);
      await stop(await findPlace(options), options);
      await start(options.config);
    });
}
