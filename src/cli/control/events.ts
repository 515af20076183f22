/** `callsheet events tail` and `callsheet events show ID`. */
import { setTimeout as timer } from "node:timers/promises";
import { Command } from "commander";
import type { z } from "zod";
import type { eventAnswer, eventList } from "../../server/shapes/event.ts";
import { EXIT_FAILED } from "../failure.ts";
import { table } from "../table.ts";
import { untilSignal } from "../until-signal.ts";
import { wholeNumber } from "../whole-number.ts";
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
import type { Control } from "./control.ts";
import { eventId } from "./event-id.ts";
import { clock, duration, entityOf, firstLine } from "./words.ts";

type List = z.output<typeof eventList>;
type Listed = List["events"][number];
type Answer = z.output<typeof eventAnswer>;
type Outcome = Answer["plugins"][number]["outcome"];
type Delivered = NonNullable<Answer["plugins"][number]["delivered"]>;

const TAIL_HELP = `
Examples:
  callsheet events tail
  callsheet events tail -f --type 'Shotgun_Task_*'
  callsheet events tail -n 100 --entity Shot:42 --json`;

const SHOW_HELP = `
Examples:
  callsheet events show 18233411
  callsheet events show 18233411 --json`;

const COLOURS: Record<Outcome, Parameters<typeof style>[0]> = {
  delivered: "green",
  filtered: "dim",
  failed: "red",
  skipped: "yellow",
  never_happened: "dim",
  dropped: "red",
  before_start: "dim",
  had_before: "dim",
  waiting: "cyan",
};
/** Before a plugin's name, for those who see no colours. */
const MARKS: Partial<Record<Outcome, string>> = {
  delivered: "✓",
  failed: "✗",
  skipped: "–",
  dropped: "✗",
  waiting: "…",
};
const EVERY_MS = 1000;
/** Half a million events; more would keep the daemon busy for long. */
const MOST_PAGES = 50;

interface TailOptions extends Common {
  lines: number;
  follow: boolean;
  type?: string;
  entity?: string;
  project?: string;
  user?: string;
}

export function eventsCommand(): Command {
  const tail = operatorCommand("tail", "the newest events, and with -f those to come", TAIL_HELP)
    .option("-n, --lines <n>", "how many, at most 500", wholeNumber(500), 20)
    .option("-f, --follow", "go on until Ctrl-C", false)
    .option("--type <type>", "event type; * stands for any part")
    .option("--entity <entity>", "Shot, or Shot:42")
    .option("--project <project>", "id, or a part of the name")
    .option("--user <user>", "id, or a part of the name")
    .action((options: TailOptions) => withControl(options, true, (control) => showTail(control, options)));
  const show = operatorCommand(
    "show",
    "one event: which plugins saw it, what each did, and why not",
    SHOW_HELP,
  )
    .argument("<id>", "the event's id", eventId)
    .action((id: number, options: Common) =>
      withControl(options, true, (control) => showEvent(control, id, options)),
    );
  return new Command("events")
    .description("events and what became of them")
    .addCommand(tail)
    .addCommand(show);
}

async function showTail(control: Control, options: TailOptions): Promise<void> {
  let after = options.follow ? await lastSeq(control) : 0;
  const { newest, lookedTo } = await newestEvents(control, options);
  if (!options.json) tellStopped(control);
  printEvents(newest.toReversed(), options);
  if (!options.json && newest.length < options.lines) {
    if (lookedTo !== null)
      process.stderr.write(`Events before place ${lookedTo} of the journal were not looked at.\n`);
    else if (newest.length === 0) process.stderr.write("No such event.\n");
  }
  if (!options.follow) return;
  after = Math.max(after, newest[0]?.seq ?? 0);
  const stop = untilSignal();
  while (!stop.aborted) {
    await timer(EVERY_MS, undefined, { signal: stop }).catch(() => {});
    const fresh = await control.get<List>(`/events?${query(options, { limit: 500, after })}`);
    printEvents(fresh.events.toReversed(), options);
    after = fresh.events[0]?.seq ?? after;
  }
}

/** One answer looks through a part of the journal only: what is rare stands further back. `lookedTo`: null when that is all of it. */
async function newestEvents(
  control: Control,
  options: TailOptions,
): Promise<{ newest: Listed[]; lookedTo: number | null }> {
  const newest: Listed[] = [];
  let before: number | undefined;
  for (let page = 0; page < MOST_PAGES && newest.length < options.lines; page += 1) {
    const limit = options.lines - newest.length;
    const { events, next } = await control.get<List>(`/events?${query(options, { limit, before })}`);
    newest.push(...events);
    if (next === null) return { newest, lookedTo: null };
    before = next;
  }
  return { newest, lookedTo: before ?? null };
}

async function lastSeq(control: Control): Promise<number> {
  return (await control.get<{ journal: { lastSeq: number } }>("/status")).journal.lastSeq;
}

function query(
  { type, entity, project, user }: TailOptions,
  more: { limit: number; after?: number; before?: number | undefined },
): URLSearchParams {
  const given = Object.entries({ type, entity, project, user, ...more });
  return new URLSearchParams(
    given.flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)] as [string, string]])),
  );
}

/** One JSON object a line, or rows. */
function printEvents(events: readonly Listed[], { json }: Common): void {
  if (json) for (const event of events) print(JSON.stringify(event));
  else if (events.length > 0) print(table(events.map(row), process.stdout.columns));
}

function row({ event, outcomes }: Listed): string[] {
  const field = event.attribute_name ? dim(` (${event.attribute_name})`) : "";
  return [
    dim(clock(event.created_at)),
    String(event.id),
    `${event.event_type}${field}`,
    firstLine(entityOf(event), 40),
    event.user?.name ?? dim("-"),
    outcomes
      .filter(({ outcome }) => MARKS[outcome] !== undefined)
      .map(({ plugin, outcome }) => style(COLOURS[outcome], `${MARKS[outcome]}${plugin}`))
      .join(" "),
  ];
}

async function showEvent(control: Control, id: number, { json }: Common): Promise<void> {
  const answer = await control.get<Answer>(`/events/${id}`);
  // an id that never happened is accounted for
  if (!answer.event && answer.plugins.length === 0) process.exitCode = EXIT_FAILED;
  if (json) return printJson(answer);
  tellStopped(control);
  print(answer.event ? eventInFull(answer) : `Event ${id}: ${answer.note}`);
  if (answer.plugins.length > 0) print(`\n${table(outcomeRows(answer))}`);
  if (answer.replays.length > 0) print(`\n${table(answer.replays.map(replayRow))}`);
}

function outcomeRows({ plugins }: Answer): string[][] {
  return plugins.map((each) => [
    `  ${style("bold", each.plugin)}`,
    style(COLOURS[each.outcome], each.outcome),
    each.delivered ? whenDelivered(each.delivered) : each.why,
  ]);
}

/** `at 14:03:05, in 34 ms`, `between 14:03:05 and 14:03:06` */
function whenDelivered({ after, before, ms }: Delivered): string {
  const [from, to] = [after && clock(after), before && clock(before)];
  const when =
    !from || from === to ? `${from ? "at" : "by"} ${to ?? "now"}` : `between ${from} and ${to ?? "now"}`;
  return ms === null ? when : `${when}, in ${duration(ms)}`;
}

function replayRow({
  replay,
  plugin,
  dryRun,
  outcome,
  failures,
  operator,
}: Answer["replays"][number]): string[] {
  const kind = dryRun ? "dry run" : "replay";
  const reason = failures.at(-1)?.message ?? operator.why;
  const who = `${kind} ${replay}, by ${operator.by}, ${clock(operator.at)}`;
  return [
    `  ${style("bold", plugin)}`,
    style(COLOURS[outcome], outcome),
    reason ? `${who}: ${firstLine(reason)}` : who,
  ];
}

function eventInFull({ event, seq }: Answer): string {
  const { id, event_type, attribute_name, created_at, user, project, session_uuid, meta } = event!;
  const rows = [
    ["type", `${event_type}${attribute_name ? ` (${attribute_name})` : ""}`],
    ["made", `${created_at} by ${user ? `${user.type} ${user.id} ${user.name ?? ""}` : "nobody"}`],
    ["entity", entityOf(event!)],
    ["project", project ? `${project.id} ${project.name ?? ""}` : "-"],
    ["session", session_uuid ?? "-"],
    ["place", `${seq} in the journal`],
    ["meta", meta === null ? "-" : JSON.stringify(meta)],
  ];
  return `${style("bold", `Event ${id}`)}\n${table(rows.map(([key = "", value = ""]) => [`  ${dim(key)}`, value]))}`;
}
