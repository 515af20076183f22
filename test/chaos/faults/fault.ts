/** What a fault of a chaos run is, and what it may touch. */
import type { Dice } from "../../../src/sandbox/random.ts";
import type { Keeper } from "../keeper.ts";
import type { Chapter } from "../oracle.ts";
import { type ChaosSite, clock } from "../site.ts";
import type { Span } from "../stalls.ts";
import type { Studio } from "../studio.ts";

export interface World {
  dice: Dice;
  order: "independent" | "strict";
  site: ChaosSite;
  studio: Studio;
  keeper: Keeper;
  /** Ends of faults that go on beside the others; the run waits for them before it settles. */
  ongoing: Set<Promise<void>>;
  /** Each ends where the state was damaged: what came before may come again, marked, and in another order. */
  chapters: Chapter[];
  hostKills: HostKill[];
  /** When a process that had been stopped went on, ms. */
  thaws: number[];
  /** When nothing could come, though the daemon was up. */
  away: Span[];
}

export interface HostKill {
  at: number;
  /** Whose host it was; null: it had none yet. */
  plugin: string | null;
}

export interface Fault {
  name: string;
  /** How often, beside the others. */
  weight: number;
  /** Whether this machine can do it. Default: it can. */
  possible?(world: World): boolean;
  /** Does it; resolves when the next fault may come, with what was done. null: it cannot be done now. */
  inject(world: World): Promise<string | null> | string | null;
}

/** Lets something end later, while other faults come. */
export function later(world: World, ms: number, end: () => void): void {
  const ended = new Promise<void>((resolve) => {
    setTimeout(() => {
      end();
      resolve();
    }, ms);
  });
  world.ongoing.add(ended);
  void ended.then(() => world.ongoing.delete(ended));
}

/** Does something during which nothing can come. */
export async function whileAway<T>({ away }: World, work: () => Promise<T>): Promise<T> {
  const from = clock();
  try {
    return await work();
  } finally {
    away.push({ from, until: clock() });
  }
}
