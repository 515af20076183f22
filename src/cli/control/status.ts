/** `callsheet status`: is it flowing, and what needs attention. */
import { setTimeout as timer } from "node:timers/promises";
import type { Command } from "commander";
import { CallsheetError } from "../../errors.ts";
import type { StatusView } from "../../server/views.ts";
import { findPlace, type Place } from "../background/place.ts";
import { exitStatusFor, type ProcessStatus, processStatus, rowsOf } from "../background/process-status.ts";
import { table } from "../table.ts";
import { untilSignal } from "../until-signal.ts";
import { clusterRows } from "./cluster-rows.ts";
import { type Common, dim, operatorCommand, print, printJson, style } from "./command.ts";
import { type Control, openControl } from "./control.ts";
import { pluginTable } from "./plugin-rows.ts";
import { ago, count, duration, size } from "./words.ts";

const HELP = `
Exit status: 0 it runs, also when events do not flow; 1 it does not run, having been ended without warning; 3 it does
not run; 78 the configuration is wrong.

Examples:
  callsheet status
  callsheet status --watch
  callsheet status --state /var/lib/callsheet --json | jq '.attention'`;

const EVERY_MS = 2000;
const CLEAR = "\x1b[H\x1b[J";

export function statusCommand(): Command {
  return operatorCommand("status", "how the daemon, the site and every plugin do; what needs attention", HELP)
    .option("-w, --watch", "look again every two seconds, until Ctrl-C", false)
    .action(async (options: Common & { watch: boolean }) => {
      const stop = options.watch ? untilSignal() : AbortSignal.abort();
      do {
        if (options.watch && process.stdout.isTTY && !options.json) process.stdout.write(CLEAR);
        process.exitCode = await show(options);
        await timer(EVERY_MS, undefined, { signal: stop }).catch(() => {});
      } while (!stop.aborted);
    });
}

/** Answers the exit status. */
async function show(options: Common): Promise<number> {
  const { place, control } = await reach(options);
  try {
    const status = control && (await control.get<StatusView>("/status"));
    if (control?.running && status) {
      if (options.json) printJson({ running: true, ...placeOf(place), ...status });
      else print(running(status));
      return 0;
    }
    const known = await processStatus(place!);
    if (options.json) printJson({ ...status, ...known });
    else print(withoutServer(known, status));
    return exitStatusFor(known);
  } finally {
    await control?.close();
  }
}

/** `control`: null when there is neither a daemon to ask nor a state. `place`: null when an address was given. */
async function reach(options: Common): Promise<{ place: Place | null; control: Control | null }> {
  if (options.url !== undefined) return { place: null, control: await openControl(options, false) };
  const place = await findPlace(options);
  const control = await openControl({ ...options, state: place.state }, true).catch((error: unknown) => {
    // a folder that no daemon has used yet
    if (error instanceof CallsheetError && error.code === "STATE_UNUSABLE") return null;
    throw error;
  });
  return { place, control };
}

function placeOf(place: Place | null): object {
  return place ? { state: place.state, config: place.config?.file ?? null } : {};
}

function withoutServer(known: ProcessStatus, status: StatusView | null): string {
  const mark = known.running ? style("yellow", "●") : style("yellow", "○");
  const rows = rowsOf(known).map(([key = "", value = ""]) => [key, value]);
  const [[first = "", sentence = ""] = [], ...others] = rows;
  const head = `${mark} ${first}: ${sentence}\n${table(others.map(([key = "", value = ""]) => [`  ${dim(key)}`, value]))}`;
  if (!status) return head;
  const { reader, journal } = status;
  const more = [
    ["reader", `at event ${reader.position}`],
    ["journal", `${count(journal.lastSeq - journal.firstSeq + 1)} events, ${size(journal.bytes)}`],
  ];
  const off = known.running ? "Its server is off or does not answer; this is from its state:\n\n" : "";
  return `${head}${table(more.map(([key = "", value = ""]) => [`  ${dim(key)}`, value]))}\n${off}${pluginTable(status.plugins)}`;
}

function running(status: StatusView): string {
  const { ready, site, reader, journal, cluster, startedAt, pid, version } = status;
  const flowing = ready.ready
    ? `${style("green", "●")} events flow`
    : `${style("red", "●")} events do not flow: ${ready.reasons.join("; ")}`;
  const rows = [
    ["daemon", `version ${version}, process ${pid}, up ${duration(Date.now() - Date.parse(startedAt))}`],
    ["site", `${site.url}, ${isUnheard(status) ? "not known: another host reads it" : siteState(site)}`],
    ["reader", readerLine(reader, cluster)],
    ...(cluster ? clusterRows(cluster, version) : []),
    [
      "journal",
      `${count(journal.lastSeq - journal.firstSeq + 1)} events, ${size(journal.bytes)} of ${size(journal.maxBytes)}`,
    ],
  ];
  const head = table(rows.map(([key = "", value = ""]) => [`  ${dim(key)}`, value]));
  return `${flowing}\n${head}\n${attention(status)}${pluginTable(status.plugins)}`;
}

/** Another host asks the site, and what it would tell does not come while the database is away. */
function isUnheard({ cluster }: StatusView): boolean {
  return cluster !== null && cluster.awaySince !== null && cluster.reader !== cluster.host;
}

function siteState({ state, lastAnswerAt, lastAnswerMs, lastError, failures }: StatusView["site"]): string {
  if (state === "connected")
    return `answered ${ago(lastAnswerAt)}${lastAnswerMs === null ? "" : ` within ${duration(lastAnswerMs)}`}`;
  const error = lastError ? `: ${lastError}` : "";
  return style(
    "red",
    `${state === "never" ? "no answer yet" : `away, ${failures} failed questions`}${error}`,
  );
}

function readerLine(
  { position, events, newestAt, openGaps, catchingUp }: StatusView["reader"],
  cluster: StatusView["cluster"],
): string {
  if (cluster && cluster.reader === null) return style("red", "no host reads the site at the moment");
  // what it has read since is not known here
  if (cluster?.awaySince && cluster.reader !== cluster.host)
    return `on ${cluster.reader}, as far as is known`;
  const on = cluster ? [`on ${cluster.reader}`] : [];
  const parts = [...on, `at event ${position}`, `${count(events)} read since the start`];
  if (newestAt) parts.push(`the newest was made ${ago(newestAt)}`);
  if (catchingUp) parts.push(style("yellow", "catching up"));
  if (openGaps > 0) parts.push(`${openGaps} gaps open`);
  return parts.join(", ");
}

function attention({ attention: list }: StatusView): string {
  if (list.length === 0) return "";
  const colours = { error: "red", warn: "yellow", info: "cyan" } as const;
  const rows = list.map(({ severity, message, command }) => {
    return `${style(colours[severity], severity.padEnd(5))}  ${message}${command ? `\n       ${dim(command)}` : ""}\n`;
  });
  return `${rows.join("")}\n`;
}
