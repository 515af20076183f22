/** `callsheet replay PLUGIN`: gives past events to a plugin again. */
import type { Command } from "commander";
import { CallsheetError } from "../../../errors.ts";
import { type Common, me, operatorCommand, print, printJson, withControl } from "../command.ts";
import { confirmed } from "../confirm.ts";
import { idOrTime } from "../event-id.ts";
import { follow } from "./follow.ts";
import { type Plan, planInWords, type Replay } from "./words.ts";

const HELP = `
The plugin gets the events of the range that it matches, in the order of their ids, in a host of its own: its normal flow and its
cursor are not touched. They are marked as replayed (event.replay). The first failing event ends it, unless --keep-going.
Ctrl-C stops it after the event in hand; the daemon keeps how far it is. It says what would happen and asks before it does it.

With --dry-run reads of sg go to the site, and its writes do not: each is printed as a difference against what the site has, and
events that fail are recorded. What the plugin does without sg, such as mail or files, it does.

Exit status: 0 every event of the range is done and none failed, 1 otherwise.

Examples:
  callsheet replay notify --from 18233411 --dry-run
  callsheet replay notify --from 18233411 --to 18233500 --reason "the tracker lost them"
  callsheet replay notify --from 2026-11-20T08:00:00Z --keep-going --yes --reason "a day of mail is missing"`;

interface Replaying extends Common {
  from: Place;
  to?: Place;
  dryRun: boolean;
  keepGoing?: boolean;
  reason: string;
  yes: boolean;
  follow: boolean;
}

type Place = ReturnType<typeof idOrTime>;

export function replayCommand(): Command {
  return operatorCommand("replay", "give past events to a plugin again, beside its normal flow", HELP)
    .argument("<plugin>", "name of the plugin")
    .requiredOption("--from <id|date>", "the first event, by its id or its time", idOrTime)
    .option("--to <id|date>", "the last event; default: the newest that was read", idOrTime)
    .option("-n, --dry-run", "catch what sg writes to the site, and print it", false)
    .option("-k, --keep-going", "record events that fail, and go on; default for a dry run")
    .option("--no-keep-going", "end at the first event that fails; default without --dry-run")
    .option("-r, --reason <text>", "why, for the log and the ledger", "")
    .option("-y, --yes", "do not ask", false)
    .option("--no-follow", "let it run, and do not wait for its end")
    .action((name: string, options: Replaying) => begin(name, options));
}

async function begin(name: string, options: Replaying): Promise<void> {
  const { from, to, dryRun, keepGoing = dryRun, reason: why, yes, json } = options;
  const path = `/plugins/${encodeURIComponent(name)}/replays`;
  await withControl(options, false, async (control) => {
    const asked = { ...placed("from", from), ...placed("to", to), dryRun, keepGoing, by: me(), why };
    const plan = await control.post<Plan>(path, { ...asked, plan: true });
    if (!json) print(planInWords(plan, dryRun));
    if (!dryRun && !why.trim())
      throw new CallsheetError("USAGE", "A replay needs --reason.", {
        hint: "Look first what it would write, with --dry-run, which needs none.",
      });
    if (!dryRun && !yes && !(await confirmed())) throw new CallsheetError("USAGE", "Nothing was changed.");
    // the very events that were told of: more may have come meanwhile
    const range = { fromId: plan.first, toId: plan.last };
    const replay = await control.post<Replay>(path, { ...range, dryRun, keepGoing, by: me(), why });
    if (options.follow) return follow(control, replay, options);
    if (json) printJson(replay);
    else print(`Replay ${replay.id} runs. See how far it is with: callsheet replays show ${replay.id}`);
  });
}

function placed(end: "from" | "to", place: Place | undefined): Record<string, unknown> {
  if (!place) return {};
  return "id" in place ? { [`${end}Id`]: place.id } : { [`${end}Time`]: place.time };
}
