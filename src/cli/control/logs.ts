/** `callsheet logs [PLUGIN]`: reads the daemon's log files, also of one that is stopped. */
import { setTimeout as timer } from "node:timers/promises";
import { Command, InvalidArgumentError, Option } from "commander";
import { durationMs } from "../../duration.ts";
import { CallsheetError } from "../../errors.ts";
import { type LogRecord, prettyPrinter } from "../../log/pretty.ts";
import { beginningOf } from "../../log/reading/beginning.ts";
import type { Wanted } from "../../log/reading/entries.ts";
import { logFiles } from "../../log/reading/file-list.ts";
import { RecordReader } from "../../log/reading/reader.ts";
import { LogTail } from "../../log/reading/tail.ts";
import type { LogLevel } from "../../plugin.ts";
import { untilSignal } from "../until-signal.ts";
import { wholeNumber } from "../whole-number.ts";
import { print, quietWithoutReader, withControl } from "./command.ts";
import { dateOf } from "./date.ts";
import { tellLogHost } from "./log-host.ts";
import { findLog } from "./log-place.ts";

const HELP = `
Without a name: the main log file, which has the daemon's own lines and, unless the log is kept in the Python daemon's way,
those of the plugins. Files that were set aside are read too. Ctrl-C ends -f, with status 0.

Examples:
  callsheet logs
  callsheet logs -f notify
  callsheet logs notify --level warn --since 2h
  callsheet logs --since 2026-11-23T08:00 --json | jq -r 'select(.code) | .code'`;

const LEVELS = ["debug", "info", "warn", "error", "critical"];
const DEFAULT_LINES = 50;
const EVERY_MS = 250;

interface LogsOptions {
  config?: string;
  state?: string;
  follow: boolean;
  lines?: number;
  since?: number;
  level: LogLevel;
  json: boolean;
}

export function logsCommand(): Command {
  return new Command("logs")
    .description("the daemon's log files, or one plugin's lines; with -f also those to come")
    .argument("[plugin]", "name of a plugin")
    .option("-f, --follow", "go on until Ctrl-C", false)
    .option("-n, --lines <n>", "the last so many; default: 50, or all with --since", wholeNumber(1e9))
    .option("--since <time>", "a span such as 10m, 2h or 3d, or a date such as 2026-11-23T08:00", sinceOf)
    .addOption(
      new Option("--level <level>", "this level and those above it").choices(LEVELS).default("debug"),
    )
    .option("-c, --config <file>", "the daemon's configuration; default: callsheet.config.* in this folder")
    .option("-s, --state <folder>", "its state folder, instead of a configuration")
    .option("--json", "print JSON, an object a line", false)
    .addHelpText("after", HELP)
    .action((plugin: string | undefined, options: LogsOptions) => showLogs(plugin ?? null, options));
}

async function showLogs(plugin: string | null, options: LogsOptions): Promise<void> {
  quietWithoutReader();
  const stop = options.follow ? untilSignal() : AbortSignal.abort();
  // before what there is to say against the files here
  if (plugin !== null) await tellLogHost(plugin, options);
  const { state, log } = await findLog(options);
  const wanted = { plugin, level: options.level, since: options.since ?? Number.NEGATIVE_INFINITY };
  const list = () => logFiles(log, plugin);
  const paths = list();
  if (paths.length === 0 && logFiles(log, null).length === 0) tellNoFiles(log.dir, options.follow);
  const lines = options.lines ?? (options.since === undefined ? DEFAULT_LINES : Number.POSITIVE_INFINITY);
  const tail = new LogTail(list, await beginningOf(paths, wanted, lines));
  try {
    const shown = await showRecords(tail, wanted, options, stop);
    if (plugin !== null && shown === 0 && !options.follow) await tellNothing(plugin, state);
  } finally {
    await tail.close();
  }
}

/** Answers how many. */
async function showRecords(
  tail: LogTail,
  wanted: Wanted,
  { json }: LogsOptions,
  stop: AbortSignal,
): Promise<number> {
  const show = json ? (record: LogRecord) => print(JSON.stringify(record)) : printerForOutput();
  let shown = 0;
  const records = new RecordReader(wanted, (record) => {
    shown += 1;
    show(record);
  });
  for (;;) {
    for await (const line of tail.read()) records.line(line);
    if (stop.aborted) {
      const rest = tail.rest();
      if (rest !== "") records.line(rest);
    }
    records.flush();
    if (stop.aborted) return shown;
    await timer(EVERY_MS, undefined, { signal: stop }).catch(() => {});
  }
}

function printerForOutput(): (record: LogRecord) => void {
  const { stdout } = process;
  const pretty = prettyPrinter({ color: stdout.isTTY === true && stdout.hasColors(), date: true });
  return (record) => print(pretty(record));
}

/** @throws {CallsheetError} LOG_NOT_FOUND unless there may be some yet */
function tellNoFiles(dir: string, follow: boolean): void {
  const message = `There is no log file in ${dir}.`;
  if (follow) process.stderr.write(`${message} Waiting for one.\n`);
  else
    throw new CallsheetError("LOG_NOT_FOUND", message, {
      hint: "The daemon has not run yet, or with another configuration: see --config and --state.",
    });
}

/** A plugin that has said nothing yet is one thing, a name that is misspelt another. @throws {CallsheetError} PLUGIN_UNKNOWN */
async function tellNothing(plugin: string, state: string): Promise<void> {
  await withControl({ state }, true, (control) =>
    control.get(`/plugins/${encodeURIComponent(plugin)}`),
  ).catch((error: unknown) => {
    if (error instanceof CallsheetError && error.code === "PLUGIN_UNKNOWN") throw error;
  });
  process.stderr.write(`There is no line of ${plugin}, or none that was asked for.\n`);
}

/** Milliseconds since 1970. */
function sinceOf(text: string): number {
  const span = durationMs(text);
  const time = Number.isNaN(span) ? dateOf(text)?.getTime() : Date.now() - span;
  if (time !== undefined) return time;
  throw new InvalidArgumentError(
    "It must be a span such as 10m, 2h or 3d, or a date such as 2026-11-23T08:00.",
  );
}
