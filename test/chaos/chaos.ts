/**
 * One chaos run: the real daemon, the sandbox, plugins of both languages, and all faults mixed by a seed; then a quiet phase with a
 * fresh event, and the verdict.
 */
import { setTimeout as wait } from "node:timers/promises";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { Dice } from "../../src/sandbox/random.ts";
import { Deck } from "./deck.ts";
import { FAULTS } from "./faults/all.ts";
import type { Fault, World } from "./faults/fault.ts";
import { type ChaosReport, judged } from "./judged.ts";
import { Keeper } from "./keeper.ts";
import { settle } from "./settle.ts";
import { ChaosSite, clock, LATEST_MS } from "./site.ts";
import { Studio } from "./studio.ts";

export interface ChaosPlan {
  seed: number;
  minutes: number;
  /** What goes wrong. Default: everything. */
  faults?: readonly Fault[];
  tell(line: string): void;
}

/** An operator looks after stopped plugins this often. */
const OPERATOR_MS = 1500;

export async function chaos(plan: ChaosPlan): Promise<ChaosReport> {
  const sandbox = await openSandbox();
  const studio = new Studio();
  let world: World | undefined;
  // a run that is broken off, or fails itself, leaves neither processes nor a mounted disk
  const breakOff = () => {
    world?.keeper.giveUp();
    studio.remove();
  };
  const keep = () => plan.tell(`everything is kept in ${studio.keep()}`);
  process.once("exit", breakOff);
  try {
    world = worldOf(plan, sandbox, studio);
    const report = await chaosIn(plan, world);
    if (report.broken.length > 0) keep();
    return report;
  } catch (error) {
    keep();
    throw error;
  } finally {
    process.removeListener("exit", breakOff);
    breakOff();
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
  return {
    dice,
    order,
    site,
    studio,
    keeper: new Keeper(studio),
    ongoing: new Set(),
    chapters: [],
    hostKills: [],
    thaws: [],
    away: [],
  };
}

async function chaosIn(plan: ChaosPlan, world: World): Promise<ChaosReport> {
  const begun = clock();
  const faults = await storm(world, plan);
  const unsettled = await settle(world);
  return judged(world, { seed: plan.seed, begun, faults, unsettled });
}

/** Faults, one after the other and over one another, while the site works. Returns how often each came. */
async function storm(world: World, plan: ChaosPlan): Promise<Record<string, number>> {
  const { seed, minutes, faults = FAULTS, tell } = plan;
  const possible = faults.filter((fault) => fault.possible?.(world) ?? true);
  const counts: Record<string, number> = Object.fromEntries(possible.map(({ name }) => [name, 0]));
  const cards = possible.flatMap((fault) => new Array<Fault>(fault.weight).fill(fault));
  // dice of its own: which fault comes when does not hang on what others threw
  const deck = new Deck(cards, new Dice(seed + 2));
  const begun = clock();
  const end = begun + minutes * 60_000;
  const over = new AbortController();
  const work = Promise.all([workOfSite(world, over.signal), onCall(world, over.signal)]);
  try {
    while (clock() < end) {
      await wait(world.dice.between(200, 2500));
      const fault = deck.draw();
      const what = await fault.inject(world);
      if (what === null) {
        deck.putBack(fault);
        continue;
      }
      counts[fault.name]! += 1;
      tell(`${((clock() - begun) / 1000).toFixed(1).padStart(6)} s  ${what}`);
    }
  } finally {
    over.abort();
    await work;
  }
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
