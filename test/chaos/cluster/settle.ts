/** The end of a cluster's chaos run: nothing goes wrong any more, and everything that is owed must arrive. */
import { setTimeout as wait } from "node:timers/promises";
import { notesOf, owedOf } from "../oracle.ts";
import { clock } from "../site.ts";
import type { World } from "./chaos.ts";
import { openGaps } from "./database.ts";
import { NOTED } from "./studio.ts";

/** Once nothing goes wrong any more, a plugin that is behind gets something at least this often, however much waits. */
const PROGRESS_WITHIN_MS = 30_000;

/** Lets a fresh event come, and waits. Returns what did not come true, in sentences. */
export async function settle(world: World): Promise<string[]> {
  world.site.settle();
  // gaps are waited for, and nothing of theirs moves meanwhile
  const patience = PROGRESS_WITHIN_MS + world.plan.latestMs * 2;
  const known = new Map<string, { left: number; since: number }>();
  for (;;) {
    const missing = await whatIsMissing(world);
    if (missing.size === 0) return [];
    for (const [what, left] of missing)
      if (known.get(what)?.left !== left) known.set(what, { left, since: clock() });
    const stuck = [...missing.keys()].filter((what) => clock() - known.get(what)!.since > patience);
    if (stuck.length > 0) return [await tellOf(world, stuck, missing)];
    await wait(200);
  }
}

/** What is noted, or "open gaps" → how many are still to come. */
async function whatIsMissing({ site, studio, server }: World): Promise<Map<string, number>> {
  const owed = studio.noted.map((name): [string, number] => {
    const done = notesOf(studio, name).filter(({ moment }) => moment === "done");
    const had = new Set(done.map(({ number }) => number));
    const missing = [...owedOf(site.shown, NOTED[name]!.only).keys()].filter((number) => !had.has(number));
    return [name, missing.length];
  });
  const all: [string, number][] = [...owed, ["open gaps", await openGaps(server.url)]];
  return new Map(all.filter(([, left]) => left > 0));
}

async function tellOf(world: World, stuck: string[], missing: Map<string, number>): Promise<string> {
  const counts = stuck.map((what) => `${what} (${missing.get(what)})`).join(", ");
  const hosts = await Promise.all(
    world.hosts.map(async ({ name, keeper }) => {
      const status = await keeper.control((control) => control.get("/status"));
      return `── ${name}: ${JSON.stringify(status)}\n${keeper.daemon.words}`;
    }),
  );
  return `nothing goes wrong any more, and nothing comes of: ${counts}\n${hosts.join("\n")}`;
}
