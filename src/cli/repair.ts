/** `callsheet repair`: mends a damaged state folder, or a cluster's database that went back, after the daemon named it. */
import { Command } from "commander";
import { CallsheetError } from "../errors.ts";
import { CONFIG_OPTION } from "./start.ts";

const HELP = `
It reads what can be read into fresh files, keeps the damaged ones aside in the folder, and says what was lost and where
everything goes on. What the journal lost is fetched from the site again. A sound state is left as it is.
The daemon must not be running.

With --cluster it is for a cluster's database that was restored from a backup, or emptied: from what this host has seen of it every plugin
gets back what it had, the site's event log is read from there to its end, and events that may come again are marked. To be given on
the host that ran last, with all daemons stopped.

Examples:
  callsheet repair --state ./state
  callsheet repair --state /var/lib/callsheet --json
  callsheet repair --cluster`;

interface Options {
  state?: string;
  cluster: boolean;
  config?: string;
  json: boolean;
}

export function repairCommand(): Command {
  return new Command("repair")
    .description("mend a damaged state folder or a cluster's database that went back, and say what was lost")
    .option("-s, --state <folder>", "the folder that the configuration calls `state`")
    .option("--cluster", "the database of the cluster that the configuration names", false)
    .option(...CONFIG_OPTION)
    .option("--json", "print the report as JSON", false)
    .addHelpText("after", HELP)
    .action(repair);
}

async function repair({ state, cluster, config, json }: Options): Promise<void> {
  if ((state === undefined) !== cluster)
    throw new CallsheetError("USAGE", "repair needs either --state with a folder, or --cluster.");
  if (state === undefined) {
    const { repairCluster } = await import("./repair-cluster.ts");
    return repairCluster({ json, ...(config === undefined ? {} : { config }) });
  }
  const { repairState } = await import("../journal/sqlite/repair.ts");
  const { describeRepair } = await import("../journal/sqlite/salvage/report.ts");
  const report = await repairState(state);
  process.stdout.write(
    json ? `${JSON.stringify(report, null, 2)}\n` : `${describeRepair(report).join("\n")}\n`,
  );
}
