/** Rule 9: what `callsheet audit` says of a run, and whether that is all there was. */
import { setTimeout as wait } from "node:timers/promises";
import type { Control } from "../../src/cli/control/control.ts";
import type { AuditReport } from "../../src/daemon/audit.ts";
import type { Keeper } from "./keeper.ts";
import type { Shown } from "./site.ts";

export interface Audited {
  shown: ReadonlyMap<number, Shown>;
  /** Names of all. */
  plugins: readonly string[];
  /** The state was damaged: the journal's first event need not be the site's. */
  damaged: boolean;
}

/** An event that a plugin noted a moment ago may not be written down as done. */
const DONE_WITHIN_MS = 30_000;
const SETTLED = ["delivered", "filtered"];

/** Of everything that there is, as the daemon says it, once nothing waits; null when it says nothing. */
export async function auditOf(keeper: Pick<Keeper, "control">): Promise<AuditReport | null> {
  const end = performance.now() + DONE_WITHIN_MS;
  for (;;) {
    const report = await keeper.control(ask);
    const waits = report === null || report.plugins.some(({ outcomes }) => outcomes.waiting);
    if (!waits || performance.now() > end) return report;
    await wait(200);
  }
}

async function ask(control: Control): Promise<AuditReport> {
  let text = "";
  for await (const part of control.stream("/audit?", new AbortController().signal)) text += part;
  const lines = text.trim().split("\n");
  return (JSON.parse(lines.at(-1)!) as { report: AuditReport }).report;
}

export function auditProblems(report: AuditReport | null, audited: Audited): string[] {
  if (report === null) return ["the audit could not be made"];
  const { differences, list, onTheWay } = report;
  return [
    ...(differences === 0
      ? []
      : [`the audit found ${differences} differences, the first: ${JSON.stringify(list.slice(0, 5))}`]),
    ...(onTheWay === 0 ? [] : [`the audit still waits for ${onTheWay} events`]),
    ...extentProblems(report, audited),
    ...audited.plugins.flatMap((plugin) => outcomeProblems(report, plugin)),
  ];
}

/** Whether it compared what the site has. */
function extentProblems({ first, last, events }: AuditReport, { shown, damaged }: Audited): string[] {
  const there = [...shown.values()].filter(({ forgotten }) => !forgotten).map(({ id }) => id);
  const [lowest, highest] = [Math.min(...there), Math.max(...there)];
  const compared = there.filter((id) => first !== null && last !== null && first <= id && id <= last).length;
  const isWhole = last === highest && (damaged || first === lowest);
  return [
    ...(isWhole
      ? []
      : [`the audit compared ids ${first} to ${last}, and the site has ${lowest} to ${highest}`]),
    ...(events === compared
      ? []
      : [`the audit compared ${events} events, and the site showed ${compared} there`]),
  ];
}

/** Whether it says of each event that the plugin had it, or did not want it. */
function outcomeProblems({ events, plugins }: AuditReport, plugin: string): string[] {
  const lanes = plugins.filter((each) => each.plugin === plugin);
  if (lanes.length === 0) return [`the audit says nothing of ${plugin}`];
  return lanes.flatMap(({ outcomes }) => {
    const all = Object.entries(outcomes).filter(([, count]) => count > 0);
    const settled = all.reduce((sum, [outcome, count]) => (SETTLED.includes(outcome) ? sum + count : sum), 0);
    if (settled === events && all.every(([outcome]) => SETTLED.includes(outcome))) return [];
    return [`the audit compared ${events} events, and says of ${plugin}: ${JSON.stringify(outcomes)}`];
  });
}
