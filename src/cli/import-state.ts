/** `callsheet import-state --from sqlite|postgres`: moves a state into a cluster's database, or back into a folder. */
import { dirname } from "node:path";
import { Command, Option } from "commander";
import { CallsheetError } from "../errors.ts";
import type { AbandonReport } from "../journal/moving/abandon.ts";
import type { From } from "../journal/moving/between.ts";
import type { MoveReport } from "../journal/moving/move.ts";
import { print, printJson } from "./control/command.ts";
import { count } from "./control/words.ts";
import { loadSetup } from "./setup.ts";
import { CONFIG_OPTION } from "./start.ts";

const HELP = `
The configuration is that of the cluster: it names the database (cluster.url) and the state folder of this machine (state). Stop the daemon
first; those of a cluster, all of them. Every plugin goes on after the last event it had; nothing is lost and nothing comes again. Afterwards only the place that
the state was moved to can be used. Broken off, give the same command again on the same machine: it goes on where it stopped. With --abandon a move that
has not finished is given up, and the state is used from where it was.

Examples:
  callsheet import-state --from sqlite             from the state folder of this machine into the cluster's database
  callsheet import-state --from postgres           back, to go on with one machine
  callsheet import-state --from sqlite --abandon   the move into the database was broken off, and is not wanted any more`;

interface Options {
  config?: string;
  from: From;
  abandon: boolean;
  json: boolean;
}

export function importStateCommand(): Command {
  return new Command("import-state")
    .description("move the state of one machine into a cluster's database, or back")
    .addOption(
      new Option("--from <engine>", "what it is moved out of")
        .choices(["sqlite", "postgres"])
        .makeOptionMandatory(),
    )
    .option("--abandon", "give up a move that has not finished", false)
    .option(...CONFIG_OPTION)
    .option("--json", "print JSON", false)
    .addHelpText("after", HELP)
    .action(importState);
}

async function importState({ config: file, from, abandon, json }: Options): Promise<void> {
  const { cluster, state, file: found } = await loadSetup(file);
  if (!cluster)
    throw new CallsheetError("CONFIG_INVALID", `${found} names no cluster.`, {
      hint: 'Add `cluster: { url: { env: "CALLSHEET_DATABASE" } }`; docs/cluster.md says more.',
    });
  const { url, schema, lease: leaseMs } = cluster;
  // that of one machine is where each host of a cluster has a folder of its own
  const ends = { folder: dirname(state), url, schema, leaseMs };
  const { abandonBetween, moveBetween } = await import("../journal/moving/between.ts");
  if (abandon) {
    const report = await abandonBetween(ends, from);
    if (json) printJson(report);
    else print(abandonedInWords(report, from));
    return;
  }
  const shown = progress(from === "sqlite" ? "into the database" : "into the folder");
  const report = await moveBetween(ends, from, shown.show).finally(shown.clear);
  if (json) printJson(report);
  else print(inWords(report, from));
}

function abandonedInWords({ from, to, stays }: AbandonReport, engine: From): string {
  const done = `The move of the state in ${from} to ${to} is given up.`;
  if (!stays && engine === "sqlite")
    return `${done}\nShould the state there be marked still, give the same command on its machine, too.`;
  const next =
    engine === "sqlite"
      ? "Start the daemon of this machine with a configuration without `cluster`, or give the command without --abandon to move the state after all."
      : "Start the daemons of the cluster.";
  return `${done} The state is used from where it was.\n${next}`;
}

function inWords({ from, to, resumed, events, plugins }: MoveReport, engine: From): string {
  const done = resumed
    ? `The state in ${from} had arrived in ${to} already; it is to be used from there now.`
    : `The state in ${from} is now in ${to}: ${count(events)} events, ${count(plugins)} plugin${plugins === 1 ? "" : "s"}.`;
  const next =
    engine === "sqlite"
      ? "Start the daemons of the cluster with this configuration."
      : "Take `cluster` out of the configuration, and start the daemon of this machine.";
  return `${done}\n${next}`;
}

/** On a terminal only: whoever reads a pipe wants the outcome. */
function progress(where: string): { show(events: number, of: number): void; clear(): void } {
  const { stderr } = process;
  if (!stderr.isTTY) return { show() {}, clear() {} };
  return {
    show(events, of) {
      stderr.write(`\r${count(events)} of ${count(of)} events ${where}\x1b[K`);
    },
    clear: () => void stderr.write("\r\x1b[K"),
  };
}
