/** Plugins as rows of a table, and one plugin in full. */
import type { PluginDetailView, PluginView, StatusView } from "../../server/views.ts";
import { shellWord } from "../../shell-word.ts";
import { table } from "../table.ts";
import { dim, style } from "./command.ts";
import { ago, clock, count, duration, firstLine } from "./words.ts";

type Source = NonNullable<NonNullable<PluginDetailView["failure"]>["source"]>;

const COLOURS: Record<PluginView["activity"], Parameters<typeof style>[0]> = {
  loading: "cyan",
  running: "green",
  idle: "yellow",
  retrying: "yellow",
  restarting: "yellow",
  failed: "red",
  unloadable: "red",
  helper: "dim",
  paused: "magenta",
  waiting: "red",
  elsewhere: "cyan",
  unplaced: "red",
  stopped: "dim",
};

export function pluginTable(plugins: readonly PluginView[]): string {
  if (plugins.length === 0) return "There are no plugins.\n";
  const hosts = plugins.some(({ host, activity }) => host !== null || activity === "unplaced");
  const head = [
    "PLUGIN",
    ...(hosts ? ["HOST"] : []),
    "STATE",
    "BEHIND",
    "CALLS",
    "P50",
    "P95",
    "LAST CALL",
    "",
  ];
  return table([head.map(dim), ...plugins.map((plugin) => row(plugin, hosts))], process.stdout.columns);
}

/** @param hosts whether there is a column that names them */
function row(plugin: PluginView, hosts: boolean): string[] {
  const { name, host, activity, backlog, backlogAgeMs, calls, p50Ms, p95Ms, lastDeliveredAt } = plugin;
  const behind =
    backlog === 0
      ? "-"
      : `${count(backlog)}${backlogAgeMs === null ? "" : dim(` (${duration(backlogAgeMs)})`)}`;
  return [
    style("bold", name),
    ...(hosts ? [host ?? "-"] : []),
    style(COLOURS[activity], activity),
    behind,
    count(calls),
    p50Ms === null ? "-" : duration(p50Ms),
    p95Ms === null ? "-" : duration(p95Ms),
    ago(lastDeliveredAt),
    remark(plugin),
  ];
}

/** Why it is not simply running. */
function remark({ paused, failure, loadError, retrying, inHand, activity }: PluginView): string {
  if (paused) return `by ${paused.by}${paused.why ? `: ${firstLine(paused.why, 60)}` : ""}`;
  if (activity === "failed" && failure) {
    const where = failure.eventId ? `event ${failure.eventId}: ` : "";
    return style("red", `${where}${firstLine(failure.message, 60)}`);
  }
  if (loadError) {
    const helper = loadError.code === "PLUGIN_NO_REGISTER";
    return helper ? dim("no registerCallbacks: a helper?") : style("red", firstLine(loadError.message, 60));
  }
  if (retrying) return `event ${retrying.eventId} again at ${clock(retrying.nextAt)}`;
  if (inHand && inHand.forMs > 5000) return `at event ${inHand.eventId ?? "?"} for ${duration(inHand.forMs)}`;
  return "";
}

/** @param why no host runs it, and the command that helps; null: one does */
export function pluginInFull(
  plugin: PluginDetailView,
  why: Pick<StatusView["attention"][number], "message" | "command"> | null,
): string {
  const { name, activity, since, path, backlog, nextEventId, backlogAgeMs, calls, busyMs } = plugin;
  const next = nextEventId === null ? "" : `, next is event ${nextEventId}`;
  const age = backlogAgeMs === null ? "" : `, ${duration(backlogAgeMs)} old`;
  const rows = [
    ["state", `${style(COLOURS[activity], activity)}${since ? dim(` since ${clock(since)}`) : ""}`],
    ...(plugin.host === null ? [] : [["host", `${plugin.host}${ownerCount(plugin)}`]]),
    ["file", path],
    ["behind", backlog === 0 ? "nothing" : `${count(backlog)} events${next}${age}`],
    ["calls", `${count(calls)} in ${duration(busyMs)}, last ${ago(plugin.lastDeliveredAt)}`],
  ];
  if (why) rows.push(["why", why.message], ...(why.command ? [["", dim(why.command)]] : []));
  if (plugin.paused)
    rows.push(["paused", `by ${plugin.paused.by} at ${clock(plugin.paused.at)} ${plugin.paused.why}`]);
  if (plugin.inHand) rows.push(["in hand", inHand(plugin.inHand)]);
  if (plugin.restarts > 0) rows.push(["restarts", `${plugin.restarts} hosts ended by themselves`]);
  const parts = [
    `${style("bold", name)}\n${table(rows.map(([key = "", value = ""]) => [`  ${dim(key)}`, value]))}`,
  ];
  parts.push(callbacks(plugin), failureInFull(plugin), recent(plugin));
  return parts.filter((part) => part !== "").join("\n");
}

/** Before it, others may have had it. */
function ownerCount({ epoch }: PluginDetailView): string {
  return epoch === null ? "" : dim(`, owner number ${epoch}`);
}

function inHand({ eventId, callback, forMs }: NonNullable<PluginView["inHand"]>): string {
  return `event ${eventId ?? "?"} in ${callback} for ${duration(forMs)}`;
}

function callbacks({ callbackList, times }: PluginDetailView): string {
  if (callbackList.length === 0) return "";
  const head = ["  CALLBACK", "CALLS", "P50", "P95", "ON ERROR", "WANTS"].map(dim);
  const rows = callbackList.map(({ key, wants, stopOnError }) => {
    const { calls = 0, p50Ms = null, p95Ms = null } = times[key] ?? {};
    const [p50, p95] = [p50Ms, p95Ms].map((ms) => (ms === null ? "-" : duration(ms))) as [string, string];
    return [`  ${key}`, count(calls), p50, p95, stopOnError ? "stops" : "goes on", wants];
  });
  return table([head, ...rows]);
}

function failureInFull({ failure, loadError, name }: PluginDetailView): string {
  const what = loadError ?? failure;
  if (!what || what.code === "PLUGIN_NO_REGISTER") return "";
  const where = failure?.eventId ? ` at event ${failure.eventId}, ${clock(failure.at)}` : "";
  const stack = what.stack && what.stack !== what.message ? `\n${indented(what.stack)}` : "";
  const source = !loadError && failure?.source ? `\n${sourceInWords(failure.source)}` : "";
  const cure = loadError
    ? (loadError.hint ?? "Correct the file and save it.")
    : `callsheet retry ${shellWord(name)}`;
  return `  ${style("red", what.code)}${where}: ${what.message}${source}${stack}\n  ${dim(cure)}\n`;
}

function recent({ recent: calls }: PluginDetailView): string {
  if (calls.length === 0) return "";
  const head = ["  LAST CALLS", "EVENT", "CALLBACK", "TOOK"].map(dim);
  const rows = calls
    .slice(0, 10)
    .map(({ at, eventId, callback, ms }) => [
      `  ${clock(at)}`,
      String(eventId || "-"),
      callback,
      duration(ms),
    ]);
  return table([head, ...rows]);
}

/** The lines, numbered, the one that failed marked. */
export function sourceInWords({ path, line, first, lines }: Source): string {
  const widest = String(first + lines.length - 1).length;
  const rows = lines.map((text, index) => {
    const number = first + index;
    const row = `${number === line ? "▶" : " "} ${String(number).padStart(widest)} │ ${text}`.trimEnd();
    return number === line ? style("bold", row) : dim(row);
  });
  return indented([dim(`${path}:${line}`), ...rows].join("\n"));
}

export function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}`)
    .join("\n");
}
