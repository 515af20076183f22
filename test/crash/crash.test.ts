import { expect, it } from "vitest";
import { seededRandom } from "../../src/sandbox/random.ts";
import { crashRun } from "./harness.ts";

const KILLS = 6;

it("loses nothing and repeats at most one event a plugin and kill, marked, over kill -9s", {
  timeout: 240_000,
}, async () => {
  const report = await crashRun({
    kills: KILLS,
    events: 3000,
    eventsAKill: 1500,
    longestLifeMs: 2500,
    random: seededRandom(11),
  });
  expect(report.atWork).toBeGreaterThan(0);
  expect(report.refusedStarts).toEqual([]);
  expect(report.lastExit).toBe(0);
  expect(report.sameOrder).toBe(true);
  for (const plugin of report.plugins) {
    expect(plugin).toMatchObject({ lost: [], unmarked: [], disorder: 0, delivered: report.visible });
    expect(plugin.repeats).toBeLessThanOrEqual(KILLS);
  }
});
