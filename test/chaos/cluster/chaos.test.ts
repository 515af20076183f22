import { expect, it } from "vitest";
import { withoutPostgres } from "../../journal/postgres/use-server.ts";
import { withoutPython } from "../../plugins-python/python.ts";
import { clusterChaos } from "./chaos.ts";

const SEED = 5;

it.skipIf(withoutPostgres || withoutPython)(
  "keeps every promise while daemons, database and the lines between them fail",
  { timeout: 400_000 },
  async () => {
    const told: string[] = [];
    const tell = (line: string) => told.push(line);
    const plan = {
      seed: SEED,
      minutes: 0.2,
      leaseMs: 3000,
      order: "independent" as const,
      latestMs: 2000,
      tell,
    };
    const report = await clusterChaos(plan);
    expect(report.broken, told.join("\n")).toEqual([]);
    expect(report.events).toBeGreaterThan(150);
    expect(Object.values(report.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(3);
  },
);
