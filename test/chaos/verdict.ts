/** What the promises were, held against what was found: a sentence for each that was not kept. */
import type { Control } from "../../src/cli/control/control.ts";
import type { AuditReport } from "../../src/daemon/audit.ts";
import type { Keeper } from "./keeper.ts";
import { notesOf, type PluginVerdict, strictViolations } from "./oracle.ts";
import type { Studio } from "./studio.ts";

/** Of everything that there is, as the daemon says it. */
export async function auditOf(control: Control): Promise<AuditReport> {
  let text = "";
  for await (const part of control.stream("/audit?", new AbortController().signal)) text += part;
  const lines = text.trim().split("\n");
  return (JSON.parse(lines.at(-1)!) as { report: AuditReport }).report;
}

export function auditProblems({ differences, list }: AuditReport): string[] {
  if (differences === 0) return [];
  return [`the audit found ${differences} differences, the first: ${JSON.stringify(list.slice(0, 5))}`];
}

export function problems(verdict: PluginVerdict, { counts }: Keeper): string[] {
  const { plugin, repeats } = verdict;
  const kills = counts.kills + counts.hostKills;
  return [
    ...promisesBroken(verdict),
    ...(repeats > kills ? [`${plugin} got ${repeats} again, and there were ${kills} kills`] : []),
  ];
}

/** Those that hold however often something was killed. */
export function promisesBroken({ plugin, lost, unmarked, disorder }: PluginVerdict): string[] {
  const some = (list: readonly unknown[]) => JSON.stringify(list.slice(0, 10));
  return [
    ...(lost.length > 0 ? [`${plugin} lost ${lost.length} events: ${some(lost)}`] : []),
    ...(unmarked.length > 0
      ? [`${plugin} got ${unmarked.length} again without a mark: ${some(unmarked)}`]
      : []),
    ...(disorder.length > 0 ? [`${plugin} got ${disorder.length} out of order: ${some(disorder)}`] : []),
  ];
}

export function strictProblems(studio: Studio): string[] {
  const wrong = strictViolations(notesOf(studio, "a-calm"), notesOf(studio, "calm-py"));
  if (wrong.length === 0) return [];
  return [`calm-py got ${wrong.length} events before a-calm did: ${JSON.stringify(wrong.slice(0, 10))}`];
}
