/** `callsheet start`: the daemon in the background. */
import { Command } from "commander";
import { logFolder } from "./background/place.ts";
import { startInBackground } from "./background/start.ts";
import { loadSetup } from "./setup.ts";

const HELP = `
It returns when the daemon is up, or says what keeps it from that. Its lines go to log files: in the configuration's
log folder, or in the folder \`log\` beside the state.
Exit status: 0 up, or running already; 1 it did not start; 78 the configuration is wrong.

Examples:
  callsheet start
  callsheet start --config /etc/shotgunEventDaemon.conf`;

export const CONFIG_OPTION = [
  "-c, --config <file>",
  "the configuration; default: callsheet.config.* in this folder, or shotgunEventDaemon.conf",
] as const;

export function startCommand(): Command {
  return new Command("start")
    .description("start the daemon in the background")
    .option(...CONFIG_OPTION)
    .addHelpText("after", HELP)
    .action(async ({ config }: { config?: string }) => start(config));
}

export async function start(file: string | undefined): Promise<void> {
  const config = await loadSetup(file);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  const { pid, already } = await startInBackground(config, say);
  if (!already) say(`started: process ${pid}; state in ${config.state}, log files in ${logFolder(config)}`);
}
