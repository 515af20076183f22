/** `callsheet failures` and `callsheet gaps`. */
import type { Command } from "commander";
import type { z } from "zod";
import type { failureGroup } from "../../server/shapes/event.ts";
import type { gap } from "../../server/shapes/status.ts";
import { shellWord } from "../../shell-word.ts";
import { table } from "../table.ts";
import {
  type Common,
  dim,
  operatorCommand,
  print,
  printJson,
  style,
  tellStopped,
  withControl,
} from "./command.ts";
import { indented, sourceInWords } from "./plugin-rows.ts";
import { ago, clock, count, duration } from "./words.ts";

type Group = z.output<typeof failureGroup>;
interface Gaps {
  open: z.output<typeof gap>[];
  givenUp: { generation: number; first: number; last: number }[];
}

const FAILURES_HELP = `
Open ones, where a plugin stands now, come first.

Examples:
  callsheet failures
  callsheet failures --plugin notify --stack`;

const GAPS_HELP = `
Event ids that the site has not shown yet, and those that were given up because they never came.

Examples:
  callsheet gaps`;

export function failuresCommand(): Command {
  return operatorCommand("failures", "failures, those of the same trouble together", FAILURES_HELP)
    .option("-p, --plugin <name>", "only those of one plugin")
    .option("--stack", "with stacks", false)
    .action(async (options: Common & { plugin?: string; stack: boolean }) => {
      await withControl(options, true, async (control) => {
        const { groups } = await control.get<{ groups: Group[] }>("/failures");
        const wanted = groups.filter(({ plugin }) => (options.plugin ?? plugin) === plugin);
        if (options.json) return printJson({ groups: wanted });
        tellStopped(control);
        print(
          wanted.length === 0
            ? "There are no failures."
            : wanted.map((one) => inWords(one, options)).join("\n"),
        );
      });
    });
}

function inWords(group: Group, { stack: withStack }: { stack: boolean }): string {
  const {
    fingerprint,
    plugin,
    callback,
    code,
    message,
    stack,
    count: times,
    firstAt,
    lastAt,
    open,
    events,
  } = group;
  const state = open ? style("red", "open") : dim("recorded");
  const where = callback ? `${plugin} ${dim(callback)}` : plugin;
  const when = times === 1 ? clock(lastAt) : `${count(times)} times, ${clock(firstAt)} to ${clock(lastAt)}`;
  const ids = events.map(({ eventId }) => eventId).join(" ");
  const lines = [
    `${state}  ${style("bold", where)}  ${dim(fingerprint)}`,
    `  ${message}`,
    `  ${dim(`${code}, ${when} (${ago(lastAt)})`)}`,
  ];
  if (ids) lines.push(`  ${dim(`events ${ids}`)}`);
  if (group.source) lines.push(sourceInWords(group.source));
  if (withStack && stack) lines.push(indented(stack));
  if (open) lines.push(`  ${dim(`callsheet retry ${shellWord(plugin)}`)}`);
  return `${lines.join("\n")}\n`;
}

export function gapsCommand(): Command {
  return operatorCommand(
    "gaps",
    "event ids that are waited for, and those that never happened",
    GAPS_HELP,
  ).action(async (options: Common) => {
    await withControl(options, true, async (control) => {
      const gaps = await control.get<Gaps>("/gaps");
      if (options.json) return printJson(gaps);
      tellStopped(control);
      print(gapsInWords(gaps));
    });
  });
}

function gapsInWords({ open, givenUp }: Gaps): string {
  const ids = ({ first, last }: { first: number; last: number }) =>
    first === last ? String(first) : `${first} to ${last}`;
  const parts: string[] = [];
  if (open.length === 0) parts.push("No gap is open.\n");
  else {
    const head = ["WAITED FOR", "IDS", "SINCE", "GIVEN UP IN"].map(dim);
    const rows = open.map((each) => [
      ids(each),
      count(each.last - each.first + 1),
      duration(each.waitedMs),
      each.givesUpInMs === 0 ? "soon" : duration(each.givesUpInMs),
    ]);
    parts.push(table([head, ...rows]));
  }
  if (givenUp.length > 0) {
    const list = givenUp.slice(0, 20).map(ids).join(", ");
    parts.push(`Never happened, newest first: ${list}${givenUp.length > 20 ? ", …" : ""}\n`);
  }
  return parts.join("\n");
}
