import { expect, it } from "vitest";
import { chaos } from "./chaos.ts";

/** Among its first faults are kills of the daemon and of python processes, and damage. */
const SEED = 7;

it("keeps every promise while everything goes wrong at once", { timeout: 400_000 }, async () => {
  const told: string[] = [];
  const report = await chaos({ seed: SEED, minutes: 0.5, tell: (line) => told.push(line) });
  expect(report.broken, told.join("\n")).toEqual([]);
  expect(report.events).toBeGreaterThan(500);
  expect(Object.values(report.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(5);
  expect(report.process.kills, told.join("\n")).toBeGreaterThan(0);
  for (const { plugin, delivered, ordered } of report.plugins)
    expect(ordered, plugin).toBeGreaterThan(delivered / 2);
  expect(report.audited).toBeGreaterThan(500);
  for (const line of report.missing) console.warn(`skipped: ${line}`);
});
