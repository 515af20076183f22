/** `callsheet alerts test`: sends a test message to each place that alerts go to. */
import { Command } from "commander";
import { showFindings } from "./findings.ts";
import { loadSetup } from "./setup.ts";

const HELP = `
It sends one message to each place in alerts of the configuration, and says what happened. A daemon need not run.
Exit status: 0 each place took it, 1 one did not, 78 the configuration is wrong.

Examples:
  callsheet alerts test
  callsheet alerts test --config studio.config.ts --json`;

export function alertsCommand(): Command {
  const test = new Command("test")
    .description("send a test message to each place that alerts go to")
    .option(
      "-c, --config <file>",
      "the configuration; default: callsheet.config.* in this folder, or shotgunEventDaemon.conf",
    )
    .option("--json", "print JSON: a list of { status, what, detail, cure }", false)
    .addHelpText("after", HELP)
    .action(async ({ config: file, json }: { config?: string; json: boolean }) => {
      const config = await loadSetup(file);
      const { testAlerts } = await import("../daemon/check-alerts.ts");
      showFindings(await testAlerts(config), json);
    });
  return new Command("alerts").description("try out who is told when something breaks").addCommand(test);
}
