/** Replays in words. */
import type { z } from "zod";
import type { replay, replayDetail, replayPlan } from "../../../server/shapes/replay.ts";
import { table } from "../../table.ts";
import { dim, style } from "../command.ts";
import { ago, count, firstLine } from "../words.ts";

export type Replay = z.output<typeof replay>;
export type ReplayDetail = z.output<typeof replayDetail>;
export type Plan = z.output<typeof replayPlan>;

const COLOURS: Record<Replay["state"], Parameters<typeof style>[0]> = {
  running: "cyan",
  finished: "green",
  stopped: "yellow",
  interrupted: "yellow",
  failed: "red",
};

export function planInWords({ plugin, first, last, heldFrom }: Plan, dryRun: boolean): string {
  const most = last - first + 1;
  const asked = heldFrom === null ? "all of them" : heldFrom > first ? `those before ${heldFrom}` : null;
  const lines = [
    first === last
      ? `${plugin} gets event ${first} again, beside its normal flow.`
      : `${plugin} gets events ${first} to ${last} again, at most ${count(most)}, beside its normal flow.`,
  ];
  if (asked) lines.push(`The journal does not hold ${asked}: the site is asked for them.`);
  if (dryRun)
    lines.push(
      "What it writes to the site is caught and shown. What else it does, such as mail or files, it does.",
    );
  else lines.push("It acts on them as it does on new events: what it did for them before, it does twice.");
  return lines.join("\n");
}

/** `12 of 40 events matched` */
export function countsInWords({ counts, dryRun }: Replay): string {
  const { events, matched, failed, skipped, writes } = counts;
  const parts = [`${count(events)} ${events === 1 ? "event" : "events"}, ${count(matched)} matched`];
  if (failed > 0) parts.push(style("red", `${count(failed)} failed`));
  if (skipped > 0) parts.push(`${count(skipped)} skipped`);
  if (dryRun) parts.push(`${count(writes)} ${writes === 1 ? "write" : "writes"} caught`);
  return parts.join(", ");
}

/** Part of the range that is done, 0 to 1; by ids, since nobody knows how many events there are. */
export function doneOf({ first, last, doneId }: Replay): number {
  return Math.min(1, Math.max(0, (doneId - first + 1) / (last - first + 1)));
}

/** What became of it, and what to do next. */
export function endInWords(replay: Replay): string {
  const { id, plugin, state, problem } = replay;
  const name = `${replay.dryRun ? "Dry run" : "Replay"} ${id} of ${plugin}`;
  const resume = `Go on with: callsheet replays resume ${id}`;
  const lines = [`${name} ${style(COLOURS[state], ENDS[state])}: ${countsInWords(replay)}.`];
  if (problem) {
    const at = problem.eventId === null ? "" : ` at event ${problem.eventId}`;
    lines.push(`${problem.callback ?? plugin} failed${at}: ${problem.message}`);
    if (problem.hint) lines.push(problem.hint);
    if (problem.stack) lines.push(dim(problem.stack));
  }
  if (state !== "finished" && state !== "running") lines.push(resume);
  return lines.join("\n");
}

const ENDS: Record<Replay["state"], string> = {
  running: "is running",
  finished: "is finished",
  stopped: "was stopped",
  interrupted: "was interrupted by the end of the daemon",
  failed: "stopped",
};

export function replayTable(replays: readonly Replay[]): string {
  if (replays.length === 0) return "There was no replay yet.\n";
  const head = ["REPLAY", "PLUGIN", "STATE", "EVENTS", "DONE", "WHO", "WHY"].map(dim);
  const rows = replays.map((replay) => {
    const { id, plugin, dryRun, first, last, state, operator } = replay;
    return [
      String(id),
      plugin,
      style(COLOURS[state], dryRun ? `${state}, dry run` : state),
      `${first}-${last}`,
      countsInWords(replay),
      `${operator.by}, ${ago(operator.at)}`,
      firstLine(operator.why || "-", 40),
    ];
  });
  return table([head, ...rows]);
}

/** Failures that it went on after. */
export function failuresInWords({ failures }: ReplayDetail): string {
  if (failures.length === 0) return "";
  const rows = failures.map(({ kind, failure: { eventId, callback, message } }) => [
    `  ${style(kind === "failed" ? "red" : "yellow", kind)}`,
    `event ${eventId}`,
    callback ?? "-",
    firstLine(message),
  ]);
  return table(rows);
}
