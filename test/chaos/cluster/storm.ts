/** Faults, one after the other and over one another, from a deck that is shuffled again and again: each comes as often as the others. */
import { setTimeout as wait } from "node:timers/promises";
import { Deck } from "../deck.ts";
import { clock } from "../site.ts";
import type { World } from "./chaos.ts";
import { FAULTS, type FaultName } from "./faults.ts";
import type { ClusterHost } from "./host.ts";

/** A fault that came. */
export interface Struck {
  fault: FaultName;
  victim: string | null;
  /** Nothing else went wrong meanwhile, as far as this could see to it. */
  watched: boolean;
  /** The machine's monotonic clock, ms. */
  from: number;
  until: number;
}

/** A take-over has this time beyond the lease. */
export const TAKE_OVER_WITHIN_MS = 1000;
/** Nothing has gone wrong for so long before a fault that is watched, ms. */
export const CALM_MS = 1500;
const WATCHED: readonly FaultName[] = ["killed", "frozen", "asked to stop"];
const MOST_AT_ONCE = 2;
/** A host that does not come back is another's to judge. */
const THERE_WITHIN_MS = 20_000;
/** The first fault waits until all plugins have had something. */
const BEGIN_WITHIN_MS = 60_000;

export async function storm(world: World): Promise<void> {
  const { plan, dice, struck, lostAnswers } = world;
  await untilAllRun(world);
  const begun = clock();
  const end = begun + plan.minutes * 60_000;
  const ongoing = new Set<Promise<void>>();
  const deck = new Deck(Object.keys(FAULTS) as FaultName[], dice);
  while (clock() < end) {
    await wait(dice.between(200, 2500));
    const fault = deck.draw();
    // now and then nothing else happens, so that the time of a take-over can be told
    const watched = WATCHED.includes(fault) && dice.chance(0.5);
    lostAnswers.on = !watched;
    if (watched) {
      await Promise.all(ongoing);
      await untilAllAreThere(world);
      await wait(CALM_MS);
    }
    const from = clock();
    const begin = FAULTS[fault]({ ...world, leaseMs: plan.leaseMs });
    if (!begin) {
      deck.putBack(fault);
      continue;
    }
    const { what, victim, over } = begin;
    plan.tell(`${((from - begun) / 1000).toFixed(1).padStart(6)} s  ${what}`);
    const entry: Struck = { fault, victim, watched, from, until: Number.POSITIVE_INFINITY };
    struck.push(entry);
    const ended = over.then(() => {
      entry.until = clock();
      ongoing.delete(ended);
    });
    ongoing.add(ended);
    if (watched) await wait(plan.leaseMs + TAKE_OVER_WITHIN_MS);
    else if (ongoing.size > MOST_AT_ONCE) await Promise.race(ongoing);
  }
  await Promise.all(ongoing);
}

/** A daemon that has only just been started takes nothing over yet. */
async function untilAllAreThere({ hosts }: World): Promise<void> {
  const end = clock() + THERE_WITHIN_MS;
  const isThere = async ({ keeper }: ClusterHost) => {
    const status = await keeper.control((control) =>
      control.get<{ cluster: { hosts: unknown[] } }>("/status"),
    );
    return status?.cluster.hosts.length === hosts.length;
  };
  while (!(await Promise.all(hosts.map(isThere))).every(Boolean) && clock() < end) await wait(50);
}

async function untilAllRun({ studio, hosts }: World): Promise<void> {
  const end = clock() + BEGIN_WITHIN_MS;
  while (studio.noted.some((name) => studio.notes(name) === "")) {
    if (clock() > end) throw new Error(`not all plugins run:\n${hosts.map(wordsOf).join("\n")}`);
    await wait(50);
  }
}

function wordsOf({ name, keeper }: ClusterHost): string {
  const { counts, violations, daemon } = keeper;
  return [`── ${name}, started ${counts.starts} times`, ...violations, daemon.words].join("\n");
}
