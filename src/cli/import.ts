/** `callsheet import`: takes over from the Python daemon, once it is stopped. */
import { extname, resolve } from "node:path";
import { Command } from "commander";
import { CallsheetError } from "../errors.ts";
import { importTable } from "./import-table.ts";
import { loadSetup } from "./setup.ts";

interface ImportOptions {
  write?: string;
  withSecrets: boolean;
  start?: string;
  dryRun: boolean;
  json: boolean;
}

const HELP = `
It reads the conf, the Python daemon's state file and the plugin folders, and loads every plugin. Then it
writes into Callsheet's state folder where each plugin goes on: with the event after the last it had, and with
the late events that the Python daemon still waited for. The files of the Python daemon are left as they are.
It may be repeated: no plugin is ever moved back.

Exit status: 0 done, 1 refused or failed and nothing changed, 2 command line not understood, 78 the conf is wrong.
A plugin that does not load is told, and keeps its place until it does.

Examples:
  callsheet import /etc/shotgunEventDaemon.conf --dry-run     look first; changes nothing
  callsheet import /etc/shotgunEventDaemon.conf
  callsheet import old.conf --write callsheet.config.ts       also a configuration that means the same
  callsheet import old.conf --start 1204567                   the state file is lost: the first event they are to get`;

export function importCommand(): Command {
  return new Command("import")
    .description("take over from the Python daemon: configuration, and where each plugin is")
    .argument("<conf>", "the Python daemon's shotgunEventDaemon.conf")
    .option(
      "-w, --write <file>",
      "also write a callsheet.config.ts that means the same; secrets stay out of it",
    )
    .option("--with-secrets", "with --write: put the conf's secrets into a file .env beside it", false)
    .option(
      "--start <where>",
      "where plugins begin that the state file has no place for: latest, or the id of their first event",
    )
    .option("-n, --dry-run", "print what would be done, and change nothing", false)
    .option("--json", "print the report as JSON", false)
    .addHelpText("after", HELP)
    .action(run);
}

async function run(file: string, options: ImportOptions): Promise<void> {
  const start = startOf(options.start);
  const conf = confPath(file);
  const { importOldDaemon } = await import("../old-daemon/import.ts");
  const { checkTarget, writeConfig } = await import("../old-daemon/write-config.ts");
  if (options.withSecrets && options.write === undefined)
    throw new CallsheetError("USAGE", "--with-secrets goes with --write FILE.");
  if (options.write !== undefined) checkTarget(resolve(options.write), options.withSecrets);
  const config = await loadSetup(conf);
  const report = await importOldDaemon({
    config,
    start,
    dryRun: options.dryRun,
    load: true,
    env: process.env,
  });
  const written =
    options.write === undefined || options.dryRun
      ? null
      : writeConfig(options.write, config, process.env, options.withSecrets);
  process.stdout.write(
    options.json ? `${JSON.stringify({ ...report, written }, null, 2)}\n` : importTable(report, written),
  );
}

/** @throws {CallsheetError} USAGE */
function startOf(text: string | undefined): "latest" | number | null {
  if (text === undefined || text === "latest") return text ?? null;
  if (/^\d{1,15}$/.test(text) && Number(text) > 0) return Number(text);
  throw new CallsheetError("USAGE", `--start is ${JSON.stringify(text)}; it must be latest or an event id.`);
}

/** @throws {CallsheetError} USAGE */
function confPath(file: string): string {
  if (extname(file) === ".conf") return file;
  throw new CallsheetError(
    "USAGE",
    `${file} is not a configuration of the Python daemon: its name does not end in .conf.`,
  );
}
