/** What the promises were, held against what was found: a sentence for each that was not kept. */
import type { HostKill } from "./faults/fault.ts";
import { notesOf, type PluginVerdict, strictViolations } from "./oracle.ts";
import type { DaemonProcess } from "./process.ts";
import { unexplained } from "./repeats.ts";
import { LONGEST_STALL_MS, type Stall } from "./stalls.ts";
import { isPython, PLUGINS, type Studio } from "./studio.ts";

/** What plugins are judged by. */
export interface Happened {
  lives: readonly Pick<DaemonProcess, "endedAt">[];
  hostKills: readonly HostKill[];
  /** When a process that had been stopped went on, ms. */
  thaws: readonly number[];
}

/** A verdict with the longest stall of a plugin that nothing of its own stops; null: of another. */
export interface ChaosVerdict extends PluginVerdict {
  stall: Stall | null;
}

export function problems(verdict: ChaosVerdict, happened: Happened): string[] {
  const { plugin, repeats, repeatedAt, stall } = verdict;
  const many = unexplained(repeatedAt, reasonsOf(plugin, happened));
  return [
    ...promisesBroken(verdict),
    ...(many > 0 ? [`${plugin} got ${repeats} again, ${many} of which no kill explains`] : []),
    ...(stall ? stallProblems(plugin, stall) : []),
  ];
}

/** When something happened that may make one event of a plugin come again: the one in hand, ms. */
export function reasonsOf(plugin: string, { lives, hostKills, thaws }: Happened): number[] {
  const ofHost = ({ plugin: whose }: HostKill) => whose === plugin || (whose === null && isPython(plugin));
  return [
    ...lives.map(({ endedAt }) => endedAt).filter((at) => at !== null),
    ...hostKills.filter(ofHost).map(({ at }) => at),
    // a callback that stood still may have outlasted its timeout, or the patience of a reload
    ...(PLUGINS[plugin]?.calm ? [] : thaws),
  ];
}

/** Those that hold however often something was killed. */
export function promisesBroken({ plugin, lost, unmarked, disorder, unplaced }: PluginVerdict): string[] {
  const some = (list: readonly unknown[]) => JSON.stringify(list.slice(0, 10));
  return [
    ...(lost.length > 0 ? [`${plugin} lost ${lost.length} events: ${some(lost)}`] : []),
    ...(unmarked.length > 0
      ? [`${plugin} got ${unmarked.length} again without a mark: ${some(unmarked)}`]
      : []),
    ...(disorder.length > 0 ? [`${plugin} got ${disorder.length} out of order: ${some(disorder)}`] : []),
    ...(unplaced.length > 0
      ? [`${plugin} got ${unplaced.length} that the journal did not have: ${some(unplaced)}`]
      : []),
  ];
}

export function stallProblems(plugin: string, { ms }: Stall): string[] {
  return ms > LONGEST_STALL_MS ? [`${plugin} got nothing for ${ms} ms, though events waited`] : [];
}

export function strictProblems(studio: Studio): string[] {
  const wrong = strictViolations(notesOf(studio, "a-calm"), notesOf(studio, "calm-py"));
  if (wrong.length === 0) return [];
  return [`calm-py got ${wrong.length} events before a-calm did: ${JSON.stringify(wrong.slice(0, 10))}`];
}
