/**
 * `npm run chaos [-- --seed N --minutes M --seeds K]`: everything goes wrong at once, by a seed; prints each fault and what came of
 * it, and exits 1 if a promise was broken, or if too little happened to prove anything: two verdicts, each with its words.
 */
import { parseArgs } from "node:util";
import { type ChaosReport, chaos } from "./chaos.ts";
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

const minutes = Number(values.minutes);
let kept = true;
let proven = true;
for (let i = 0; i < Number(values.seeds); i += 1) {
  const seed = Number(values.seed) + i;
  console.log(`seed ${seed}, ${minutes} minutes`);
  const report = await chaos({ seed, minutes, tell: (line) => values.quiet || console.log(`  ${line}`) });
  print(report);
  kept = report.broken.length === 0 && kept;
  proven = enough(report) && proven;
}
console.log(verdict({ kept, proven }));
process.exitCode = kept && proven ? 0 : 1;

function print(report: ChaosReport): void {
  const { seed, order, seconds, events, site, process, faults, plugins, broken, missing } = report;
  console.log(
    `seed ${seed}: ${order} order, ${seconds} s, ${events} events (${words(site)}), ${words(process)}`,
  );
  console.log(`  faults: ${words(faults)}`);
  for (const plugin of plugins) console.log(pluginLine(plugin));
  for (const line of missing) console.log(`  SKIPPED: ${line}`);
  for (const line of broken) console.log(`  BROKEN: ${line}`);
}

/** A run that met too little proves nothing. */
function enough({ events, faults, process }: ChaosReport): boolean {
  const injected = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const ok = events >= 1000 * minutes && injected >= 15 * minutes && process.kills >= 2 * minutes;
  if (!ok)
    console.log(`  TOO LITTLE: ${events} events, ${injected} faults, ${process.kills} kills of the daemon`);
  return ok;
}
