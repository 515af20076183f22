/** `callsheet backup FOLDER`: a copy of the state, while the daemon runs. */
import { Command } from "commander";
import { CallsheetError } from "../errors.ts";
import { findPlace } from "./background/place.ts";
import { count, size } from "./control/words.ts";
import { CONFIG_OPTION } from "./start.ts";

const HELP = `
The copy is one that a daemon can be started from; it is tried before it gets its name. The daemon goes on meanwhile, or is stopped:
it makes no difference. docs/operations.md says how to restore it, and what comes again then.

Examples:
  callsheet backup /backup/callsheet-monday
  callsheet backup --state /var/lib/callsheet "/backup/callsheet-$(date +%F)" --json`;

function inDatabase(file: string): CallsheetError {
  return new CallsheetError("USAGE", `${file} is of a cluster, whose state is in its database.`, {
    hint: "Back the database up, with pg_dump or what else keeps your PostgreSQL. Of one that was restored, docs/cluster.md tells how to go on.",
  });
}

export function backupCommand(): Command {
  return new Command("backup")
    .description("copy the state to keep it, while the daemon runs or not")
    .argument("<folder>", "where to; made if it is not there")
    .option(...CONFIG_OPTION)
    .option("-s, --state <folder>", "the state folder, in place of a configuration")
    .option("--json", "print JSON", false)
    .addHelpText("after", HELP)
    .action(async (to: string, options: { config?: string; state?: string; json: boolean }) => {
      const { state, config } = await findPlace(options);
      if (config?.cluster) throw inDatabase(config.file);
      const { backupState } = await import("../journal/sqlite/backup.ts");
      const report = await backupState(state, to);
      const { from, bytes, lastSeq, plugins } = report;
      const text = options.json
        ? JSON.stringify(report, null, 2)
        : `${from} is copied to ${report.to}: ${count(lastSeq)} events so far, ${size(bytes)}, ${plugins} plugins.`;
      process.stdout.write(`${text}\n`);
    });
}
