/** `callsheet replays`: those there were, and what became of one; stop, resume. */
import { Command } from "commander";
import { wholeNumber } from "../../whole-number.ts";
import {
  type Common,
  dim,
  me,
  operatorCommand,
  print,
  printJson,
  tellStopped,
  withControl,
} from "../command.ts";
import { follow, Writes } from "./follow.ts";
import { endInWords, failuresInWords, type Replay, type ReplayDetail, replayTable } from "./words.ts";

const number = wholeNumber(Number.MAX_SAFE_INTEGER);

interface ListOptions extends Common {
  plugin?: string;
  lines: number;
}

interface Changing extends Common {
  reason: string;
  follow: boolean;
}

export function replaysCommand(): Command {
  const list = operatorCommand(
    "list",
    "replays, newest first",
    "\nExamples:\n  callsheet replays\n  callsheet replays list --plugin notify --json",
  )
    .option("--plugin <name>", "only those of this plugin")
    .option("-n, --lines <n>", "how many, at most 500", wholeNumber(500), 20)
    .action(showList);
  const show = operatorCommand(
    "show",
    "one replay: how far it is, what failed",
    "\nExamples:\n  callsheet replays show 3",
  )
    .argument("<number>", "its number", number)
    .action(showReplay);
  return new Command("replays")
    .description("replays that run, and that ran")
    .addCommand(list, { isDefault: true })
    .addCommand(show)
    .addCommand(changeCommand("stop", "end a replay after its event in hand; it can be resumed"))
    .addCommand(changeCommand("resume", "let a replay go on after the last event that is done"));
}

async function showList(options: ListOptions): Promise<void> {
  const { plugin, lines } = options;
  const query = new URLSearchParams({ limit: String(Math.max(1, lines)), ...(plugin && { plugin }) });
  await withControl(options, true, async (control) => {
    const reply = await control.get<{ replays: Replay[] }>(`/replays?${query}`);
    if (options.json) return printJson(reply);
    tellStopped(control);
    print(replayTable(reply.replays));
  });
}

async function showReplay(id: number, options: Common): Promise<void> {
  await withControl(options, true, async (control) => {
    const detail = await control.get<ReplayDetail>(`/replays/${id}`);
    if (options.json) return printJson(detail);
    tellStopped(control);
    const { first, last, doneId, operator, keepGoing } = detail;
    await new Writes(detail, false).print(control, { clear() {} });
    print(`${endInWords(detail)}
${dim(`Events ${first} to ${last}, done up to ${doneId}${keepGoing ? "; it keeps going after failures" : ""}.`)}
${dim(`Asked for by ${operator.by} at ${operator.at}${operator.why ? `: ${operator.why}` : ""}`)}
${failuresInWords(detail)}`);
  });
}

function changeCommand(action: "stop" | "resume", about: string): Command {
  const resume = action === "resume";
  const command = operatorCommand(action, about, `\nExamples:\n  callsheet replays ${action} 3`)
    .argument("<number>", "its number", number)
    .option("-r, --reason <text>", "why, for the log", "");
  if (resume) command.option("--no-follow", "let it run, and do not wait for its end");
  return command.action(async (id: number, options: Changing) => {
    await withControl(options, false, async (control) => {
      const replay = await control.post<Replay>(`/replays/${id}/${action}`, {
        by: me(),
        why: options.reason,
      });
      if (resume && options.follow) return follow(control, replay, options);
      if (options.json) printJson(replay);
      else print(resume ? `Replay ${id} goes on.` : `Replay ${id} ends after its event in hand.`);
    });
  });
}
