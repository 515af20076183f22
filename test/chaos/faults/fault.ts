/** What a fault of a chaos run is, and what it may touch. */
import type { Dice } from "../../../src/sandbox/random.ts";
import type { Keeper } from "../keeper.ts";
import type { ChaosSite } from "../site.ts";
import type { Studio } from "../studio.ts";

export interface World {
  dice: Dice;
  order: "independent" | "strict";
  site: ChaosSite;
  studio: Studio;
  keeper: Keeper;
  /** Ends of faults that go on beside the others; the run waits for them before it settles. */
  ongoing: Set<Promise<void>>;
  /** The state was damaged: what came before this number may come again, marked, and in another order. */
  damagedAfter: number;
}

export interface Fault {
  name: string;
  /** How often, beside the others. */
  weight: number;
  /** Whether this machine can do it. Default: it can. */
  possible?(world: World): boolean;
  /** Does it; resolves when the next fault may come, with what was done. */
  inject(world: World): Promise<string> | string;
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
