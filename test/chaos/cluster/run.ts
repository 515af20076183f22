/**
 * `npm run chaos:cluster [-- --seed N --minutes M --seeds K --lease 4s --order strict]`: three daemons, a real PostgreSQL, and everything that can go wrong
 * between them, by a seed; prints each fault and what came of it. Exits 1 if a promise was broken, or if too little happened to prove
 * anything. `--busy` leaves out the judgement on how fast plugins changed hosts: of a machine that has other work it says nothing.
 */
import { parseArgs } from "node:util";
import { durationMs } from "../../../src/duration.ts";
import { postgresMissing } from "../../journal/postgres/server.ts";
import { python } from "../../plugins-python/python.ts";
import { numberOption } from "../options.ts";
import { pluginLine, verdict, words } from "../print.ts";
import { LATEST_MS } from "../site.ts";
import { clusterChaos } from "./chaos.ts";
import { type ClusterReport, enough, late, median } from "./judged.ts";
import { ORDERS } from "./studio.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 100_000) },
    seeds: { type: "string", default: "5" },
    minutes: { type: "string", default: "5" },
    lease: { type: "string", default: "4s" },
    order: { type: "string", default: "independent" },
    busy: { type: "boolean", default: false },
    quiet: { type: "boolean", default: false },
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
const without = python === null ? "Python 3.8 or newer is needed." : await postgresMissing();
if (without !== null) {
  console.error(without);
  process.exit(2);
}

const order = ORDERS.find((one) => one === values.order);
if (!order) {
  console.error(`--order is one of ${ORDERS.join(", ")}.`);
  process.exit(2);
}
const leaseMs = durationMs(values.lease);
const firstSeed = numberOption("seed", values.seed, "whole");
const seeds = numberOption("seeds", values.seeds, "count");
const minutes = numberOption("minutes", values.minutes, "length");
let kept = true;
let proven = true;
for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
  console.log(`seed ${seed}, ${minutes} minutes, lease ${values.lease}, order ${order}`);
  const tell = (line: string) => values.quiet || console.log(`  ${line}`);
  const report = await clusterChaos({ seed, minutes, leaseMs, order, latestMs: LATEST_MS, tell });
  if (!values.busy) report.broken.push(...late(report));
  print(report);
  kept = report.broken.length === 0 && kept;
  const little = enough(report, minutes);
  if (little) console.log(`  TOO LITTLE: ${little}`);
  proven = little === null && proven;
}
console.log(verdict({ kept, proven }));
process.exitCode = kept && proven ? 0 : 1;

function print(report: ClusterReport): void {
  const { seed, seconds, quietMs, events, late, missing, faults, lostAnswers, refusals, plugins, broken } =
    report;
  console.log(`seed ${seed}: ${seconds} s, ${events} events (late ${late}, missing ${missing})`);
  console.log(
    `  faults: ${words(faults)}; answers of the database that were lost: ${lostAnswers}; refused to start without a database: ${refusals}`,
  );
  for (const plugin of plugins)
    console.log(`${pluginLine(plugin)}, ${plugin.takeOvers} take-overs, ${plugin.lapses} lapses`);
  const again = Math.max(0, ...report.calledAgainMs);
  console.log(`  ${times("take-overs", report.takeOverMs)}, and called again within ${again} ms`);
  console.log(`  ${times("hand-overs", report.handOverMs)}`);
  const { plugin, stall } = plugins.toSorted((a, b) => b.stall.ms - a.stall.ms)[0]!;
  console.log(
    `  longest stall ${stall.ms} ms (${plugin}, until ${((stall.at - report.begun) / 1000).toFixed(1)} s); ` +
      `all delivered ${quietMs} ms after the last fault`,
  );
  for (const line of broken) console.log(`  BROKEN: ${line}`);
}

function times(what: string, ms: readonly number[]): string {
  if (ms.length === 0) return `${what}: none was undisturbed`;
  return `${what}: ${ms.length} undisturbed ones, half within ${median(ms)} ms, the longest took ${Math.max(...ms)} ms`;
}
