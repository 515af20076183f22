/** Which kills a round makes, and in which order. */
import { Dice } from "../../src/sandbox/random.ts";
import { POINTS, stepOf } from "./points.ts";
import type { Kill, Language } from "./round.ts";

/** A kill at every point; the python process of a guest dies once alone and once with the daemon. */
export function everyKill(language: Language): Kill[] {
  return POINTS.flatMap((point) => {
    const daemon: Kill = { point, victim: "daemon" };
    const host: Kill = { point, victim: "host" };
    return language === "python" && point.side === "guest" ? [daemon, host] : [daemon];
  });
}

/** One of each step. */
export function someKills(language: Language, seed: number): Kill[] {
  const steps = new Set<string>();
  return shuffled(everyKill(language), seed).filter(({ point }) => {
    const fresh = !steps.has(stepOf(point));
    steps.add(stepOf(point));
    return fresh;
  });
}

/** By chance, but for those that need a fresh state: they come first. */
export function shuffled(kills: readonly Kill[], seed: number): Kill[] {
  const dice = new Dice(seed);
  const at = new Map(kills.map((kill) => [kill, dice.between(0, 1_000_000)]));
  const place = (kill: Kill) =>
    kill.point.needs === "fresh state" ? POINTS.indexOf(kill.point) - POINTS.length : at.get(kill)!;
  return kills.toSorted((a, b) => place(a) - place(b));
}
