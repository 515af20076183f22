/** The report of an import as a person reads it. */
import { styleText } from "node:util";
import type { ImportedPlugin, ImportReport } from "../old-daemon/report.ts";
import type { WrittenConfig } from "../old-daemon/write-config.ts";
import { table } from "./table.ts";

type Style = (text: string) => string;

const stream = process.stdout;
const [dim, bold, red, yellow] = (["dim", "bold", "red", "yellow"] as const).map(
  (style) => (text: string) => styleText(style, text, { stream }),
) as [Style, Style, Style, Style];
const HEAD = ["plugin", "language", "last event", "late", "called for"].map((text) => dim(text));
const MOST_RANGES = 3;
const MOST_LEFT_OVER = 5;

export function importTable(report: ImportReport, written: WrittenConfig | null): string {
  const rows = report.plugins.flatMap(rowsOf);
  const plugins =
    rows.length > 0 ? table([HEAD, ...rows]) : "There is no plugin in the folders of the conf.\n";
  const lines = [...notesOf(report), ...outcomeOf(report), ...writtenLines(written), nextOf(report, written)];
  return `${plugins}\n${lines.join("\n")}\n`;
}

function rowsOf(plugin: ImportedPlugin): string[][] {
  const { name, language, lastEventId, pending, remark } = plugin;
  const lines = [...aboutLoading(plugin), ...(remark === null ? [] : [yellow(remark)])];
  const [first = "", ...more] = lines.flatMap((line) => line.split("\n"));
  return [
    [name, language, lastEventId === null ? "none" : `${lastEventId}`, idsOf(pending), first],
    ...more.map((line) => ["", "", "", "", line]),
  ];
}

function aboutLoading({ callbacks, problem }: ImportedPlugin): string[] {
  if (problem) {
    const colour = problem.code === "PLUGIN_NO_REGISTER" ? yellow : red;
    return [colour(problem.message), ...(problem.hint === null ? [] : [dim(problem.hint)])];
  }
  return callbacks.length > 0 ? callbacks : [yellow("registers no callback")];
}

function idsOf(ranges: ImportedPlugin["pending"]): string {
  if (ranges.length === 0) return "-";
  const some = ranges
    .slice(0, MOST_RANGES)
    .map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
  return some.join(" ") + (ranges.length > MOST_RANGES ? " …" : "");
}

function notesOf({ notes, plugins, leftOver }: ImportReport): string[] {
  const broken = plugins.filter(({ problem }) => problem && problem.code !== "PLUGIN_NO_REGISTER").length;
  const lines = notes.map(yellow);
  if (broken > 0)
    lines.push(red(`${counted(broken)} not load; ${broken === 1 ? "its" : "their"} events wait meanwhile.`));
  if (leftOver.length > 0) {
    const names = leftOver
      .slice(0, MOST_LEFT_OVER)
      .map(
        ({ folder, name, lastId }) =>
          `${name} in ${folder} (${lastId === null ? "no event" : `event ${lastId}`})`,
      );
    const more = leftOver.length > MOST_LEFT_OVER ? `, and ${leftOver.length - MOST_LEFT_OVER} more` : "";
    lines.push(`Left out, since no plugin goes on there: ${names.join(", ")}${more}.`);
  }
  return lines;
}

function counted(plugins: number): string {
  return plugins === 1 ? "1 plugin does" : `${plugins} plugins do`;
}

function outcomeOf({ plugins, dryRun, known, readerPosition, newestEventId, state }: ImportReport): string[] {
  const carried = plugins.filter(({ outcome }) => outcome !== "kept").length;
  const many = carried === 1 ? "1 plugin" : `${carried} plugins`;
  const behind = newestEventId === null ? 0 : newestEventId - readerPosition;
  const reader = `The reader ${known ? "stands at" : "begins after"} event ${readerPosition}${behind > 0 ? `, ${behind} before the site's newest` : ""}.`;
  const ahead = plugins.some(({ remark }) => remark?.startsWith("Callsheet has brought it"));
  const again = ahead ? [`To begin at the Python daemon's places again, move ${state} away first.`] : [];
  if (dryRun)
    return [`${many} would be carried over to ${state}.`, reader, ...again, bold("Nothing was changed.")];
  if (carried === 0) return [bold(`Nothing was left to carry over to ${state}.`), reader, ...again];
  return [bold(`${many} carried over to ${state}.`), reader, ...again];
}

function writtenLines(written: WrittenConfig | null): string[] {
  if (!written) return [];
  const { file, envFile, variables } = written;
  const missing = variables.filter(({ set }) => !set);
  return [
    `Wrote ${file}${envFile ? `, and its secrets to ${envFile}, for this user only` : ""}.`,
    ...missing.map(({ name, option }) =>
      yellow(
        `Set ${name} to ${option} of the conf, in the daemon's environment or in a file .env beside it.`,
      ),
    ),
  ];
}

function nextOf({ conf, dryRun }: ImportReport, written: WrittenConfig | null): string {
  if (dryRun) return `Next: callsheet import ${conf}`;
  return `Next: callsheet run --config ${written?.file ?? conf}`;
}
