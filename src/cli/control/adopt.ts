/** `callsheet adopt`: run a plugin of a cluster, that waits for its files, with those of this host. */
import type { Command } from "commander";
import { type Common, me, operatorCommand, print, printJson, withControl } from "./command.ts";

const HELP = `
A cluster does not run a plugin with older files than it ran with last, nor with files that are not the same on all hosts: it waits, and
callsheet status says which host has what. Mostly the cure is to bring the same files to all hosts. This command is for when those of
this host are right.

Examples:
  callsheet adopt notify --reason "rolled back on purpose"
  callsheet adopt notify --url http://render01:7879      with the files of that host`;

export function adoptCommand(): Command {
  return operatorCommand("adopt", "run a plugin that waits for its files with those of this host", HELP)
    .argument("<plugin>", "name of the plugin")
    .option("-r, --reason <text>", "why, for the log", "")
    .action(async (name: string, options: Common & { reason: string }) => {
      await withControl(options, false, async (control) => {
        await control.post(`/plugins/${encodeURIComponent(name)}/adopt`, { by: me(), why: options.reason });
        if (options.json) printJson({ action: "adopt", plugin: name });
        else print(`${name} is run with the files of this host from now on.`);
      });
    });
}
