/** `npm run test:crash [-- --kills 50 --seed 1]`: the long crash run. Prints what happened; exits 1 if a promise was broken. */
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/sandbox/random.ts";
import { crashRun } from "./harness.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);

console.log(`crash run: ${kills} kills, seed ${seed}`);
const report = await crashRun({
  kills,
  events: 20_000,
  eventsAKill: 4000,
  longestLifeMs: 2500,
  random: seededRandom(seed),
  tell: (line) => console.log(line),
});
const broken = report.plugins.filter(
  ({ lost, unmarked, disorder, repeats }) =>
    lost.length > 0 || unmarked.length > 0 || disorder > 0 || repeats > kills,
);
for (const { name, delivered, lost, repeats, unmarked, disorder } of report.plugins) {
  console.log(
    `${name.padEnd(14)} ${delivered} of ${report.visible} delivered, ${lost.length} lost, ${repeats} repeated, ` +
      `${unmarked.length} of them unmarked, ${disorder} out of order`,
  );
}
for (const printed of report.refusedStarts) console.log(`a start ended by itself:\n${printed}`);
const ok =
  broken.length === 0 && report.refusedStarts.length === 0 && report.sameOrder && report.lastExit === 0;
console.log(ok ? "every promise was kept" : "A PROMISE WAS BROKEN");
process.exitCode = ok ? 0 : 1;
