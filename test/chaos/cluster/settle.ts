/** The end of a cluster's chaos run: nothing goes wrong any more, and everything that is owed must arrive. */
import { setTimeout as wait } from "node:timers/promises";
import { notesOf, owedOf } from "../oracle.ts";
import { clock } from "../site.ts";
import type { World } from "./chaos.ts";
import { hasOpenGaps } from "./database.ts";
import { NOTED } from "./studio.ts";

/** How long the cluster may take, in the end, to deliver all that it owes: it is at work again, and gaps are waited for. */
const SETTLE_MS = 60_000;

/** Lets a fresh event come, and waits. Returns what did not come true, in sentences. */
export async function settle(world: World): Promise<string[]> {
  world.site.settle();
  const within = SETTLE_MS + world.plan.latestMs * 2;
  const end = clock() + within;
  while (clock() < end) {
    if (
      world.studio.noted.every((name) => owedTo(world, name) === 0) &&
      !(await hasOpenGaps(world.server.url))
    )
      return [];
    await wait(200);
  }
  const left = world.studio.noted.filter((name) => owedTo(world, name) > 0);
  const missing = left.map((name) => `${name} (${owedTo(world, name)})`).join(", ");
  const hosts = await Promise.all(
    world.hosts.map(async ({ name, keeper }) => {
      const status = await keeper.control((control) => control.get("/status"));
      return `── ${name}: ${JSON.stringify(status)}\n${keeper.daemon.words}`;
    }),
  );
  return [
    `${within / 1000} s after the last fault these still miss events: ${missing || "none, but gaps are open"}\n${hosts.join("\n")}`,
  ];
}

function owedTo({ site, studio }: World, name: string): number {
  const done = notesOf(studio, name).filter(({ moment }) => moment === "done");
  const had = new Set(done.map(({ number }) => number));
  return [...owedOf(site.shown, NOTED[name]!.only).keys()].filter((number) => !had.has(number)).length;
}
