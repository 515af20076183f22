/** What came of a cluster's chaos run, and what of it was not as promised. */
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { auditOf, auditProblems } from "../audit.ts";
import {
  journalPlaces,
  type Note,
  notesOf,
  owedOf,
  type PluginVerdict,
  strictViolations,
  verdictOf,
} from "../oracle.ts";
import { unexplained } from "../repeats.ts";
import { longestStall, type Stall } from "../stalls.ts";
import { promisesBroken, stallProblems } from "../verdict.ts";
import { CALLED_WITHIN_MS, type Changes, changesOf } from "./changes.ts";
import type { ClusterPlan, World } from "./chaos.ts";
import { lapsesOf, readTenures, takeOversOf } from "./database.ts";
import { FAULTS, type FaultName } from "./faults.ts";
import { TAKE_OVER_WITHIN_MS } from "./storm.ts";
import { type ClusterStudio, NOTED } from "./studio.ts";

/** Machines that are also the database's, the site's and the oracle's. */
const HAND_OVER_WITHIN_MS = 100;

/** Answers that are lost at the least. */
const LOST_A_MINUTE = 10;

export interface NotedVerdict extends PluginVerdict {
  /** How often its plugin was taken from a host that had not given it back. */
  takeOvers: number;
  /** How often its lease ran out, and was its owner's again. */
  lapses: number;
  /** Repeats that neither explains: one event is in hand at a time, so each explains one. */
  unexplained: number;
  /** Longest time in which nothing came though something waited. */
  stall: Stall;
}

export interface ClusterReport extends Changes {
  seed: number;
  leaseMs: number;
  order: ClusterPlan["order"];
  /** When the first fault came, the machine's monotonic clock, ms. */
  begun: number;
  /** Of the storm. */
  seconds: number;
  /** From the last fault until everything was delivered. */
  quietMs: number;
  events: number;
  late: number;
  missing: number;
  faults: Record<string, number>;
  /** Answers of the database that never came, though it had done what it was asked. */
  lostAnswers: number;
  /** Daemons that were started while they could not reach the database, said so and ended. */
  refusals: number;
  plugins: NotedVerdict[];
  /** What was not as promised, in sentences. Empty: all was. */
  broken: string[];
}

export async function judged(
  world: World,
  { unsettled, seconds, quietMs }: { unsettled: string[]; seconds: number; quietMs: number },
): Promise<ClusterReport> {
  const { plan, site, studio, server, hosts, struck } = world;
  const audit = await auditOf(hosts[0]!.keeper);
  const tenures = await readTenures(server.url);
  const ended = await Promise.all(hosts.map(({ keeper }) => keeper.stop()));
  const places = await journalPlaces(await openPostgresJournal({ url: server.url }));
  const calls = new Map<string, Note[]>();
  const plugins = studio.noted.map((name) => {
    const { plugin, only } = NOTED[name]!;
    const notes = notesOf(studio, name);
    const [called, done] = (["called", "done"] as const).map((moment) =>
      notes.filter((note) => note.moment === moment),
    );
    const owed = owedOf(site.shown, only);
    const chapters = [{ until: Number.POSITIVE_INFINITY, places }];
    const verdict = verdictOf({ plugin: name, owed, called: called!, done: done!, chapters });
    const had = tenures.get(plugin) ?? [];
    const [takeOvers, lapses] = [takeOversOf(had), lapsesOf(had)];
    calls.set(
      plugin,
      [...(calls.get(plugin) ?? []), ...called!].toSorted((a, b) => a.at - b.at),
    );
    return {
      ...verdict,
      takeOvers: takeOvers.length,
      lapses: lapses.length,
      unexplained: unexplained(verdict.repeatedAt, [...takeOvers, ...lapses]),
      stall: longestStall(done!, site.shown),
    };
  });
  const changes = changesOf({ struck, tenures, calls, leaseMs: plan.leaseMs });
  const stops = ended.flatMap(({ code, signal, words }, i) =>
    code === 0 ? [] : [`asked to stop, ${hosts[i]!.name} ended with ${code ?? signal}:\n${words}`],
  );
  const counts = { late: site.counts.late, missing: site.counts.missing };
  const names = [...new Set(studio.noted.map((name) => NOTED[name]!.plugin))];
  return {
    seed: plan.seed,
    leaseMs: plan.leaseMs,
    order: plan.order,
    begun: struck[0]?.from ?? 0,
    seconds,
    quietMs,
    events: site.shown.size,
    ...counts,
    faults: countsOf(struck.map(({ fault }) => fault)),
    lostAnswers: world.lostAnswers.count,
    refusals: hosts.reduce((sum, { keeper }) => sum + keeper.counts.refusals, 0),
    plugins,
    ...changes,
    broken: [
      ...hosts.flatMap(({ keeper }) => keeper.violations),
      ...unsettled,
      ...stops,
      ...auditProblems(audit, { shown: site.shown, plugins: names, damaged: false }),
      ...plugins.flatMap(problems),
      ...(plan.order === "strict" ? strictProblems(studio) : []),
    ],
  };
}

/** What plugins took too long for, in sentences. */
export function late({ takeOverMs, calledAgainMs, handOverMs, leaseMs, order }: ClusterReport): string[] {
  const longest = Math.max(0, ...takeOverMs);
  const called = Math.max(0, ...calledAgainMs);
  // where the order is strict all go when the last of them can
  const handOver = order === "strict" ? 0 : median(handOverMs);
  return [
    ...(longest > leaseMs + TAKE_OVER_WITHIN_MS
      ? [`a take-over came ${longest} ms after the fault, and the lease is ${leaseMs} ms`]
      : []),
    ...(called > leaseMs + CALLED_WITHIN_MS
      ? [`a plugin that was taken over was called again only ${called} ms after the fault`]
      : []),
    ...(handOver > HAND_OVER_WITHIN_MS ? [`half of the hand-overs took ${handOver} ms or more`] : []),
  ];
}

/** 0 of nothing. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

/** What a run met too little of to prove anything, in words; null: nothing. */
export function enough(
  { events, faults, lostAnswers, plugins }: ClusterReport,
  minutes: number,
): string | null {
  const takeOvers = plugins.reduce((sum, plugin) => sum + plugin.takeOvers, 0);
  const rare = Object.keys(FAULTS).filter((name) => (faults[name] ?? 0) < Math.max(1, Math.floor(minutes)));
  if (
    rare.length === 0 &&
    events >= 900 * minutes &&
    takeOvers >= 8 * minutes &&
    lostAnswers >= LOST_A_MINUTE * minutes
  )
    return null;
  return `${events} events, ${takeOvers} take-overs, ${lostAnswers} answers lost; too seldom: ${rare.join(", ") || "nothing"}`;
}

function problems(verdict: NotedVerdict): string[] {
  const { plugin, repeats, unexplained: many, takeOvers, lapses, stall } = verdict;
  return [
    ...promisesBroken(verdict),
    ...(many > 0
      ? [
          `${plugin} got ${repeats} again, ${many} of which none of ${takeOvers} take-overs and ${lapses} lapses of its lease explains`,
        ]
      : []),
    ...stallProblems(plugin, stall),
  ];
}

/** Rule 8, over all hosts: what each plugin got before the one before it was done with it. */
function strictProblems(studio: ClusterStudio): string[] {
  const of = (name: string, moment: Note["moment"]) =>
    notesOf(studio, name).filter((note) => note.moment === moment);
  const all = studio.inOrder();
  return all.slice(1).flatMap(({ plugin, first }, i) => {
    const before = all[i]!;
    const wrong = strictViolations(of(before.last, "done"), of(first, "called"));
    if (wrong.length === 0) return [];
    const some = JSON.stringify(wrong.slice(0, 10));
    return [`${plugin} got ${wrong.length} events before ${before.plugin} was done with them: ${some}`];
  });
}

function countsOf(names: readonly FaultName[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}
