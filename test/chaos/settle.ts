/** The end of a chaos run: nothing goes wrong any more, and everything that is owed must arrive. */
import { setTimeout as wait } from "node:timers/promises";
import type { World } from "./faults/fault.ts";
import type { Keeper } from "./keeper.ts";
import { notesOf, owedOf } from "./oracle.ts";
import { clock } from "./site.ts";
import { PLUGINS } from "./studio.ts";

/** How long the daemon may take, in the end, to deliver all that it owes. */
const SETTLE_MS = 300_000;

/** Ends every fault, lets a fresh event come, and waits. Returns what did not come true, in sentences. */
export async function settle(world: World): Promise<string[]> {
  const { site, keeper, studio } = world;
  for (const name of ["wild", "wild-py", "edited", "edited-py"]) studio.writePlugin(name);
  site.settle();
  const end = clock() + SETTLE_MS;
  while (clock() < end) {
    if (Object.keys(PLUGINS).every((plugin) => owedTo(world, plugin) === 0) && (await isQuiet(keeper)))
      return [];
    await keeper.retryFailed();
    await wait(500);
  }
  const left = Object.keys(PLUGINS).filter((plugin) => owedTo(world, plugin) > 0);
  const status = await keeper.control((control) => control.get("/status"));
  return [
    `${SETTLE_MS / 1000} s after the last fault these still miss events: ${left.join(", ") || "none, but gaps are open"}; ` +
      `status: ${JSON.stringify(status)}; ${keeper.daemon.words}`,
  ];
}

/** Whether all gaps are closed, so that every id is accounted for. */
async function isQuiet(keeper: Keeper): Promise<boolean> {
  const gaps = await keeper.control((control) => control.get<{ open: unknown[] }>("/gaps"));
  return gaps !== null && gaps.open.length === 0;
}

function owedTo({ site, studio }: World, plugin: string): number {
  const had = new Set(notesOf(studio, plugin).map(({ number }) => number));
  return [...owedOf(site.shown, PLUGINS[plugin]!.only).keys()].filter((number) => !had.has(number)).length;
}
