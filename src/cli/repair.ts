/** `callsheet repair`: mends a damaged state folder, after the daemon named it. */
import { Command } from "commander";

const HELP = `
It reads what can be read into fresh files, keeps the damaged ones aside in the folder, and says what was lost and where
everything goes on. What the journal lost is fetched from the site again. A sound state is left as it is.
The daemon must not be running.

Examples:
  callsheet repair --state ./state
  callsheet repair --state /var/lib/callsheet --json`;

export function repairCommand(): Command {
  return new Command("repair")
    .description("mend a damaged state folder, and say what was lost")
    .requiredOption("-s, --state <folder>", "the folder that the configuration calls `state`")
    .option("--json", "print the report as JSON", false)
    .addHelpText("after", HELP)
    .action(async ({ state, json }: { state: string; json: boolean }) => {
      const { repairState } = await import("../journal/sqlite/repair.ts");
      const { describeRepair } = await import("../journal/sqlite/salvage/report.ts");
      const report = await repairState(state);
      process.stdout.write(
        json ? `${JSON.stringify(report, null, 2)}\n` : `${describeRepair(report).join("\n")}\n`,
      );
    });
}
