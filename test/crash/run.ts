/**
 * `npm run test:crash [-- --kills 50 --seed 1 --only python]`: the long crash runs. Prints what happened; exits 1 if a promise was
 * broken, or if too few kills fell while events were delivered, with the command that repeats the run; 2 if it was asked for what
 * there is not.
 */
import { fileURLToPath } from "node:url";
import { optionsOf, selected, wholeNumber } from "../../scripts/options.ts";
import { seededRandom } from "../../src/sandbox/random.ts";
import { python } from "../plugins-python/python.ts";
import { type CrashPlan, type CrashReport, crashRun } from "./harness.ts";
import { broken, tooLittle } from "./verdict.ts";

const PYTHON_PLUGINS = fileURLToPath(new URL("../plugins-python/crash-plugins", import.meta.url));

const values = optionsOf({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    only: { type: "string", default: "" },
  },
});
const kills = wholeNumber("kills", values.kills, 1);
const seed = wholeNumber("seed", values.seed, 0);

const inPython: Partial<CrashPlan> = {
  plugins: PYTHON_PLUGINS,
  config: { python: { interpreter: python ?? "python3" } },
};
const inOneProcess: Partial<CrashPlan> = {
  plugins: PYTHON_PLUGINS,
  config: { python: { interpreter: python ?? "python3", group: "folder" } },
};
const runs: Record<string, Partial<CrashPlan>> = {
  "typescript, the daemon killed": {},
  "python, the daemon killed": inPython,
  "python, hosts killed": { ...inPython, target: "hosts", longestLifeMs: 1000 },
  "python in one process, the daemon killed": inOneProcess,
  "python in one process, hosts killed": { ...inOneProcess, target: "hosts", longestLifeMs: 1000 },
};

let kept = true;
let proven = true;
for (const name of selected("only", values.only, Object.keys(runs))) {
  console.log(`${name}: ${kills} kills, seed ${seed}`);
  const report = await crashRun({
    kills,
    events: 20_000,
    eventsAKill: 4000,
    longestLifeMs: 2500,
    random: seededRandom(seed),
    tell: (line) => console.log(`  ${line}`),
    ...runs[name],
  });
  const wrong = broken(report);
  const little = tooLittle(report);
  print(report);
  for (const line of wrong) console.log(`  BROKEN: ${line}`);
  for (const line of little) console.log(`  TOO LITTLE: ${line}`);
  if (wrong.length > 0) console.log(`  everything is kept in ${report.folder}`);
  if (wrong.length + little.length > 0)
    console.log(`  again: npm run test:crash -- --kills ${kills} --seed ${seed} --only "${name}"`);
  kept &&= wrong.length === 0;
  proven &&= little.length === 0;
}
if (!kept) console.log("A PROMISE WAS BROKEN");
else if (!proven) console.log("NOTHING IS PROVEN: no promise was broken, but too little happened");
else console.log("every promise was kept");
process.exitCode = kept && proven ? 0 : 1;

function print({ plugins, visible, kills, atWork }: CrashReport): void {
  for (const { name, delivered, lost, repeats, unmarked, disorder } of plugins) {
    console.log(
      `  ${name.padEnd(14)} ${delivered} of ${visible} delivered, ${lost.length} lost, ${repeats} repeated, ` +
        `${unmarked.length} of them unmarked, ${disorder} out of order`,
    );
  }
  console.log(`  ${atWork} of ${kills} kills came while events were delivered`);
}
