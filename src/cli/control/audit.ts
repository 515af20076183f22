/** `callsheet audit`: did every plugin get what the site has? */
import { type Command, InvalidArgumentError } from "commander";
import type { AuditRange, AuditReport } from "../../daemon/audit.ts";
import { CallsheetError, type ErrorCode } from "../../errors.ts";
import { EXIT_FAILED } from "../failure.ts";
import { table } from "../table.ts";
import { type Common, dim, operatorCommand, print, printJson, style, withControl } from "./command.ts";
import type { Control } from "./control.ts";
import { eventId, idOrTime } from "./event-id.ts";
import { count } from "./words.ts";

const HELP = `
It asks the site for every event of the range, and holds the ids against the journal and each plugin's ledger. A difference is an
event that the site has and that did not reach the ledger. Exit status: 0 there is none, 1 there are some.

Examples:
  callsheet audit
  callsheet audit --since 2026-11-20T08:00:00Z
  callsheet audit --since 18233411 --until 18240000 --json`;

type Line =
  | { progress: { events: number; lastId: number } }
  | { report: AuditReport }
  | { error: { code: string; message: string; hint: string | null } };

interface AuditOptions extends Common {
  since?: { from: number } | { since: string };
  until?: number;
}

export function auditCommand(): Command {
  return operatorCommand("audit", "compare the ids that the site has with what every plugin got", HELP)
    .option("--since <id|date>", "first event; default: as far back as the journal reaches", sinceOf)
    .option("--until <id>", "last event; default: the newest that was read", eventId)
    .action(async (options: AuditOptions) => {
      const report = await withControl(options, true, (control) =>
        control.running ? ofRunning(control, options) : ofStopped(control.at, options),
      );
      if (options.json) printJson(report);
      else print(inWords(report));
      if (report.differences > 0) process.exitCode = EXIT_FAILED;
    });
}

async function ofRunning(control: Control, { since, until }: AuditOptions): Promise<AuditReport> {
  const given = Object.entries({ ...since, until }).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([key, value]) => [key, String(value)] as [string, string]));
  let text = "";
  for await (const part of control.stream(`/audit?${query}`, new AbortController().signal)) {
    text += part;
    const lines = text.split("\n");
    text = lines.pop()!;
    for (const line of lines) {
      const told = JSON.parse(line) as Line;
      if ("report" in told) return told.report;
      if ("error" in told) throw asFailure(told.error);
      showProgress(told.progress);
    }
  }
  throw new CallsheetError("DAEMON_NOT_RUNNING", "The daemon ended before the audit did.");
}

function asFailure({
  code,
  message,
  hint,
}: {
  code: string;
  message: string;
  hint: string | null;
}): CallsheetError {
  return new CallsheetError(code as ErrorCode, message, hint ? { hint } : {});
}

/** From its state and, with its configuration, the site. */
async function ofStopped(state: string, options: AuditOptions): Promise<AuditReport> {
  const { loadSetup } = await import("../setup.ts");
  const { auditOfStopped } = await import("./audit-stopped.ts");
  const config = await loadSetup(options.config);
  return auditOfStopped(config, state, rangeOf(options), (events, lastId) =>
    showProgress({ events, lastId }),
  );
}

function rangeOf({ since, until }: AuditOptions): AuditRange {
  if (!since) return { until };
  return { until, since: "from" in since ? { eventId: since.from } : { time: new Date(since.since) } };
}

function showProgress({ events, lastId }: { events: number; lastId: number }): void {
  if (process.stderr.isTTY)
    process.stderr.write(`\r${count(events)} events compared, up to ${lastId} \x1b[K`);
}

function inWords(report: AuditReport): string {
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const { first, last, events, differences, onTheWay, goneFromSite, notes, list } = report;
  const lines = first === null ? [] : [`${count(events)} events of the site, ${first} to ${last}.`];
  if (onTheWay > 0) lines.push(`${count(onTheWay)} of them are on their way.`);
  if (goneFromSite > 0) lines.push(`${count(goneFromSite)} events of the journal are no longer on the site.`);
  lines.push(...notes);
  const found = differences === 1 ? "1 difference" : `${count(differences)} differences`;
  if (first !== null) lines.push(style(differences > 0 ? "red" : "green", `${found}.`));
  for (const { eventId: id, kind, plugin } of list.slice(0, 50))
    lines.push(`  event ${id}: ${kind.replaceAll("_", " ")}${plugin ? `, ${plugin}` : ""}`);
  if (list.length > 50) lines.push("  … (--json has more)");
  return `${lines.join("\n")}\n${pluginRows(report)}`;
}

function pluginRows({ plugins }: AuditReport): string {
  if (plugins.length === 0) return "";
  const shown = ["delivered", "filtered", "failed", "skipped", "waiting", "dropped"] as const;
  const head = ["PLUGIN", ...shown.map((outcome) => outcome.toUpperCase())].map(dim);
  const rows = plugins.map(({ plugin, outcomes }) => [
    plugin,
    ...shown.map((outcome) => (outcomes[outcome] ? count(outcomes[outcome]) : "-")),
  ]);
  return `\n${table([head, ...rows])}`;
}

function sinceOf(text: string): { from: number } | { since: string } {
  const place = idOrTime(text);
  // nothing would be compared, and whoever reads the exit status alone would take that for a proof
  if ("time" in place && Date.parse(place.time) > Date.now())
    throw new InvalidArgumentError("That is yet to come.");
  return "id" in place ? { from: place.id } : { since: place.time };
}
