/** What steers a running daemon: retry, skip, pause, resume, reload, rewind, forward. */
import { type Command, InvalidArgumentError } from "commander";
import type { Move } from "../../daemon/operations.ts";
import { CallsheetError } from "../../errors.ts";
import type { PluginView } from "../../server/views.ts";
import { shellWord } from "../../shell-word.ts";
import { type Common, me, operatorCommand, print, printJson, withControl } from "./command.ts";
import { confirmed } from "./confirm.ts";
import type { Control } from "./control.ts";
import { dateOf } from "./date.ts";
import { eventId } from "./event-id.ts";
import { count } from "./words.ts";

interface Acting extends Common {
  reason: string;
  all?: boolean;
}

const SIMPLE = {
  retry: {
    about: "start a stopped plugin at its event, or try again now what waits for its next attempt",
    said: "is started again",
    all: (plugin: PluginView) =>
      ["failed", "unloadable", "retrying"].includes(plugin.activity) && !isHelper(plugin),
    allHelp: "every plugin that stopped or does not load",
  },
  pause: {
    about: "end a plugin's host after the event in hand; its events wait, also over restarts",
    said: "is paused; its events wait",
    all: (plugin: PluginView) => plugin.paused === null && plugin.activity !== "stopped",
    allHelp: "every plugin that is not paused",
  },
  resume: {
    about: "let a paused plugin go on",
    said: "goes on",
    all: (plugin: PluginView) => plugin.paused !== null,
    allHelp: "every paused plugin",
  },
  reload: {
    about: "a fresh host with the code as it is now, after the event in hand",
    said: "is loaded again",
    all: (plugin: PluginView) => plugin.paused === null && plugin.activity !== "stopped",
    allHelp: "every plugin that is not paused",
  },
} as const;

type Simple = keyof typeof SIMPLE;

export function actingCommands(): Command[] {
  return [
    ...(Object.keys(SIMPLE) as Simple[]).map(simpleCommand),
    skipCommand(),
    moveCommand("rewind"),
    moveCommand("forward"),
  ];
}

function simpleCommand(action: Simple): Command {
  const { about, allHelp } = SIMPLE[action];
  const help = `
Examples:
  callsheet ${action} notify
  callsheet ${action} --all --reason "the mail server is back"`;
  return operatorCommand(action, about, help)
    .argument("[plugins...]", "names of plugins")
    .option("--all", allHelp, false)
    .option("-r, --reason <text>", "why, for the log", "")
    .action(async (names: string[], options: Acting) => {
      if (names.length === 0 && !options.all)
        throw new CallsheetError("USAGE", `${action} needs the name of a plugin, or --all.`);
      await withControl(options, false, async (control) => {
        const wanted = options.all ? await namesOf(control, SIMPLE[action].all) : names;
        for (const name of wanted) await act(control, action, name, options.reason);
        const { said } = SIMPLE[action];
        if (options.json) printJson({ action, plugins: wanted });
        else if (wanted.length === 0) print("There is no such plugin now.");
        else for (const name of wanted) print(`${name} ${said}.`);
      });
    });
}

async function namesOf(control: Control, wanted: (plugin: PluginView) => boolean): Promise<string[]> {
  const { plugins } = await control.get<{ plugins: PluginView[] }>("/plugins");
  return plugins.filter(wanted).map(({ name }) => name);
}

function isHelper({ loadError }: PluginView): boolean {
  return loadError?.code === "PLUGIN_NO_REGISTER";
}

function act<T>(control: Control, action: string, name: string, why: string, more: object = {}): Promise<T> {
  return control.post<T>(`/plugins/${encodeURIComponent(name)}/${action}`, { by: me(), why, ...more });
}

const SKIP_HELP = `
The plugin does not get the event, nor do those of its callbacks that had not had it. The ledger keeps who skipped it and why.

Examples:
  callsheet skip notify --event 18233411 --reason "the shot was deleted"`;

function skipCommand(): Command {
  return operatorCommand("skip", "pass over the event that a plugin stands at", SKIP_HELP)
    .argument("<plugin>", "name of the plugin")
    .requiredOption("-e, --event <id>", "the event's id, so that no other is skipped", eventId)
    .requiredOption("-r, --reason <text>", "why, for the log and the ledger")
    .action(async (name: string, options: Acting & { event: number }) => {
      await withControl(options, false, async (control) => {
        await act(control, "skip", name, options.reason, { eventId: options.event });
        if (options.json) printJson({ action: "skip", plugin: name, eventId: options.event });
        else print(`${name} does not get event ${options.event} and goes on.`);
      });
    });
}

interface Moving extends Acting {
  to: Record<string, unknown>;
  yes: boolean;
  dryRun: boolean;
}

function moveCommand(direction: "rewind" | "forward"): Command {
  const back = direction === "rewind";
  const help = `
The plugin has to be paused. ${back ? "The events come again, marked as redelivered." : "The events between count as skipped by the operator."}
It says what would happen and asks before it does it.

Examples:
  callsheet pause notify
  callsheet ${direction} notify --to 18233411 --reason "${back ? "the tracker lost them" : "they were test data"}"
  callsheet ${direction} notify --to 2026-11-20T08:00:00Z --dry-run
  callsheet resume notify`;
  return operatorCommand(
    direction,
    back ? "take a paused plugin back to an event or time" : "take a paused plugin on to an event or time",
    help,
  )
    .argument("<plugin>", "name of the plugin")
    .requiredOption(
      "--to <id|date>",
      `the event, or the time of the event, that comes next then${back ? "" : '; or "end"'}`,
      aimOf,
    )
    .option("-r, --reason <text>", "why, for the log and the ledger", "")
    .option("-n, --dry-run", "only say what would happen", false)
    .option("-y, --yes", "do not ask", false)
    .action(async (name: string, options: Moving) => {
      await withControl(options, false, (control) => moveCursor(control, direction, name, options));
    });
}

async function moveCursor(
  control: Control,
  direction: "rewind" | "forward",
  name: string,
  options: Moving,
): Promise<void> {
  const { to: aim, reason, json, yes, dryRun } = options;
  if (!dryRun && !reason.trim())
    throw new CallsheetError("USAGE", `A ${direction} needs --reason.`, {
      hint: "Look first what it would do, with --dry-run, which needs none.",
    });
  if (!dryRun) await refuseRunning(control, direction, name);
  const plan = await act<Move>(control, direction, name, reason, { ...aim, dryRun: true });
  if (!json) print(inWords(direction, plan));
  if (dryRun) {
    if (json) return printJson(plan);
    return tellHowTo(control, direction, name);
  }
  if (!yes && !(await confirmed())) throw new CallsheetError("USAGE", "Nothing was changed.");
  const move = await act<Move>(control, direction, name, reason, { ...aim, expected: plan.from });
  if (json) printJson(move);
  else print(`Done. Let it go on with: callsheet resume ${shellWord(name)}`);
}

/** Before it says what would come again. @throws CallsheetError NOT_POSSIBLE_NOW */
async function refuseRunning(control: Control, direction: string, plugin: string): Promise<void> {
  const { paused, name } = await control.get<PluginView>(`/plugins/${encodeURIComponent(plugin)}`);
  if (paused === null)
    throw new CallsheetError(
      "NOT_POSSIBLE_NOW",
      `${name} is not paused, which it has to be for a ${direction}.`,
      {
        hint: `Pause it first: callsheet pause ${shellWord(name)}`,
      },
    );
}

/** A dry run is also for a plugin that runs: what has to come before the real one. */
async function tellHowTo(control: Control, direction: string, name: string): Promise<void> {
  const plugin = await control.get<PluginView>(`/plugins/${encodeURIComponent(name)}`);
  if (plugin.paused === null)
    print(
      `Nothing was changed. ${plugin.name} runs: before a ${direction}, pause it: callsheet pause ${shellWord(plugin.name)}`,
    );
  else print("Nothing was changed.");
}

function inWords(direction: "rewind" | "forward", { plugin, events, nextEventId, from, to }: Move): string {
  const what = `${count(events)} ${events === 1 ? "event" : "events"}`;
  const next = nextEventId === null ? "the next new event" : `event ${nextEventId}`;
  const one = events === 1;
  const fate =
    direction === "rewind" ? `${one ? "comes" : "come"} again to` : `${one ? "does" : "do"} not reach`;
  return `${what} ${fate} ${plugin}; ${next} comes next (place ${from} to ${to}).`;
}

function aimOf(text: string): Record<string, unknown> {
  if (text === "end") return { end: true };
  if (/^\d+$/.test(text)) return { eventId: eventId(text) };
  const time = dateOf(text);
  if (time === null)
    throw new InvalidArgumentError('It must be an event id, "end", or a date such as 2026-11-20T08:00:00Z.');
  return { time: time.toISOString() };
}
