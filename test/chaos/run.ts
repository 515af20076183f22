/**
 * `npm run chaos [-- --seed N --minutes M --seeds K]`: everything goes wrong at once, by a seed; prints each fault and what came of
 * it, and exits 1 if a promise was broken, or if too little happened to prove anything: two verdicts, each with its words.
 */
import { parseArgs } from "node:util";
import { chaos } from "./chaos.ts";
import { tooLittle } from "./enough.ts";
import type { ChaosReport } from "./judged.ts";
import { numberOption } from "./options.ts";
import { pluginLine, verdict, words } from "./print.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 100_000) },
    seeds: { type: "string", default: "1" },
    minutes: { type: "string", default: "3" },
    quiet: { type: "boolean", default: false },
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const firstSeed = numberOption("seed", values.seed, "whole");
const seeds = numberOption("seeds", values.seeds, "count");
const minutes = numberOption("minutes", values.minutes, "length");
let kept = true;
let proven = true;
for (let seed = firstSeed; seed < firstSeed + seeds; seed += 1) {
  console.log(`seed ${seed}, ${minutes} minutes`);
  const report = await chaos({ seed, minutes, tell: (line) => values.quiet || console.log(`  ${line}`) });
  print(report);
  const little = tooLittle(report, minutes);
  for (const line of little) console.log(`  TOO LITTLE: ${line}`);
  kept = report.broken.length === 0 && kept;
  proven = little.length === 0 && proven;
}
console.log(verdict({ kept, proven }));
process.exitCode = kept && proven ? 0 : 1;

function print(report: ChaosReport): void {
  const { seed, order, seconds, events, site, process, faults, plugins, audited, calm, broken, missing } =
    report;
  console.log(
    `seed ${seed}: ${order} order, ${seconds} s, ${events} events (${words(site)}), ${words(process)}`,
  );
  console.log(`  faults: ${words(faults)}`);
  for (const plugin of plugins) console.log(`${pluginLine(plugin)}${stallOf(plugin)}`);
  console.log(`  ${audited} events audited; stalls judged in ${Math.round(calm * 100)}% of the time`);
  for (const line of missing) console.log(`  SKIPPED: ${line}`);
  for (const line of broken) console.log(`  BROKEN: ${line}`);
}

function stallOf({ stall }: ChaosReport["plugins"][number]): string {
  return stall === null ? "" : `, longest stall ${(stall.ms / 1000).toFixed(1)} s`;
}
