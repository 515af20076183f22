/** `callsheet check`: says what is fine and what is not, before the first start. */
import { Command } from "commander";
import { showFindings } from "./findings.ts";
import { loadSetup } from "./setup.ts";

const HELP = `
It loads the configuration and every plugin, talks to the site as every script that they use, and looks at the state folder. It changes
nothing.
Exit status: 0 nothing failed, 1 something did, 78 the configuration is wrong.

Examples:
  callsheet check
  callsheet check --config studio.config.ts --json`;

export function checkCommand(): Command {
  return new Command("check")
    .description("look at configuration, site, state and plugins, and say what is wrong")
    .option(
      "-c, --config <file>",
      "the configuration; default: callsheet.config.* in this folder, or shotgunEventDaemon.conf",
    )
    .option("--json", "print JSON: a list of { status, what, detail, cure }", false)
    .addHelpText("after", HELP)
    .action(async ({ config: file, json }: { config?: string; json: boolean }) => {
      const config = await loadSetup(file);
      const { checkSetup } = await import("../daemon/check.ts");
      showFindings(await checkSetup(config), json);
    });
}
