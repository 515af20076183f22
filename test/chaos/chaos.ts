/**
 * One chaos run: the real daemon, the sandbox, plugins of both languages, and all faults mixed by a seed; then a quiet phase with a
 * fresh event, and the verdict.
 */
import { setTimeout as wait } from "node:timers/promises";
import { openJournalForReading } from "../../src/journal/sqlite/open-for-reading.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { Dice } from "../../src/sandbox/random.ts";
import { FAULTS } from "./faults/all.ts";
import type { World } from "./faults/fault.ts";
import { Keeper } from "./keeper.ts";
import { journalPlaces, judge, type PluginVerdict } from "./oracle.ts";
import { settle } from "./settle.ts";
import { ChaosSite, clock, LATEST_MS } from "./site.ts";
import { Studio } from "./studio.ts";
import { auditOf, auditProblems, problems, strictProblems } from "./verdict.ts";

export interface ChaosPlan {
  seed: number;
  minutes: number;
  tell(line: string): void;
}

export interface ChaosReport {
  seed: number;
  order: "independent" | "strict";
  seconds: number;
  events: number;
  site: ChaosSite["counts"];
  process: Keeper["counts"];
  /** How often each fault came. */
  faults: Record<string, number>;
  plugins: PluginVerdict[];
  /** What was not as promised, in sentences. Empty: all was. */
  broken: string[];
  /** What this machine could not do, in sentences. */
  missing: string[];
}

/** An operator looks after stopped plugins this often. */
const OPERATOR_MS = 1500;

export async function chaos(plan: ChaosPlan): Promise<ChaosReport> {
  const sandbox = await openSandbox();
  const studio = new Studio();
  let world: World | undefined;
  // a run that is broken off leaves neither processes nor a mounted disk
  const breakOff = () => {
    world?.keeper.daemon.child.kill("SIGKILL");
    studio.remove();
  };
  process.once("exit", breakOff);
  try {
    world = worldOf(plan, sandbox, studio);
    const report = await chaosIn(plan, world);
    if (report.broken.length === 0) studio.remove();
    else plan.tell(`everything is kept in ${studio.folder}`);
    return report;
  } finally {
    process.removeListener("exit", breakOff);
    await sandbox.close();
  }
}

/** Everything set up, and the daemon started. */
function worldOf({ seed }: ChaosPlan, sandbox: Sandbox, studio: Studio): World {
  const dice = new Dice(seed);
  const order = dice.chance(0.3) ? "strict" : "independent";
  studio.configure(sandbox, { order, gapTimeout: LATEST_MS * 2 });
  const site = new ChaosSite(sandbox, new Dice(seed + 1));
  site.add(200);
  return { dice, order, site, studio, keeper: new Keeper(studio), ongoing: new Set(), damagedAfter: 0 };
}

async function chaosIn(plan: ChaosPlan, world: World): Promise<ChaosReport> {
  const { site, studio, keeper, order } = world;
  const begun = clock();
  const faults = await storm(world, plan);
  const unsettled = await settle(world);
  const audit = await keeper.control(auditOf);
  const ended = await keeper.stop();
  const places = await journalPlaces(await openJournalForReading(studio.state));
  const plugins = judge({ shown: site.shown, studio, places, damagedAfter: world.damagedAfter });
  const broken = [
    ...keeper.violations,
    ...unsettled,
    ...(ended.code === 0
      ? []
      : [`asked to stop, the daemon ended with ${ended.code ?? ended.signal}:\n${ended.words}`]),
    ...(audit === null ? ["the audit could not be made"] : auditProblems(audit)),
    ...plugins.flatMap((verdict) => problems(verdict, keeper)),
    ...(order === "strict" ? strictProblems(studio) : []),
  ];
  return {
    seed: plan.seed,
    order,
    seconds: Math.round((clock() - begun) / 1000),
    events: site.shown.size,
    site: site.counts,
    process: keeper.counts,
    faults,
    plugins,
    broken,
    missing: missing(world),
  };
}

/** Faults, one after the other and over one another, while the site works. Returns how often each came. */
async function storm(world: World, { minutes, tell }: ChaosPlan): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  const possible = FAULTS.filter((fault) => fault.possible?.(world) ?? true);
  const weights = Object.fromEntries(possible.map(({ name, weight }) => [name, weight]));
  const end = clock() + minutes * 60_000;
  const begun = clock();
  const over = new AbortController();
  const work = Promise.all([workOfSite(world, over.signal), onCall(world, over.signal)]);
  while (clock() < end) {
    await wait(world.dice.between(200, 2500));
    const picked = world.dice.weighted(weights);
    const fault = possible.find(({ name }) => name === picked)!;
    const what = await fault.inject(world);
    counts[fault.name] = (counts[fault.name] ?? 0) + 1;
    tell(`${((clock() - begun) / 1000).toFixed(1).padStart(6)} s  ${what}`);
  }
  over.abort();
  await work;
  await Promise.all(world.ongoing);
  return counts;
}

async function workOfSite({ site }: World, over: AbortSignal): Promise<void> {
  const dice = new Dice(site.sandbox.site.events.newestId);
  while (!over.aborted) {
    site.stir(60);
    await wait(dice.between(50, 500));
  }
}

async function onCall({ keeper }: World, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    await wait(OPERATOR_MS);
    await keeper.retryFailed();
  }
}

function missing(world: World): string[] {
  return [
    ...(world.studio.disk
      ? []
      : ["the state folder could not be a disk of its own (needs root): no full or read-only disk"]),
    ...(world.studio.movableClock ? [] : ["libfaketime is not installed: the clock stood still"]),
  ];
}
