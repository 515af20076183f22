/**
 * `npm run test:crash [-- --kills 50 --seed 1 --only python]`: the long crash runs. Prints what happened; exits 1 if a promise was
 * broken.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { seededRandom } from "../../src/sandbox/random.ts";
import { python } from "../plugins-python/python.ts";
import { type CrashPlan, type CrashReport, crashRun } from "./harness.ts";

const PYTHON_PLUGINS = fileURLToPath(new URL("../plugins-python/crash-plugins", import.meta.url));

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "50" },
    seed: { type: "string", default: String(Date.now() % 100_000) },
    only: { type: "string", default: "" },
  },
});
const kills = Number(values.kills);
const seed = Number(values.seed);

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
let aimed = true;
for (const [name, plan] of Object.entries(runs).filter(([name]) => name.startsWith(values.only))) {
  console.log(`${name}: ${kills} kills, seed ${seed}`);
  const report = await crashRun({
    kills,
    events: 20_000,
    eventsAKill: 4000,
    longestLifeMs: 2500,
    random: seededRandom(seed),
    tell: (line) => console.log(`  ${line}`),
    ...plan,
  });
  kept = judge(report) && kept;
  aimed = wasAimed(report) && aimed;
}
console.log(verdict());
process.exitCode = kept && aimed ? 0 : 1;

function verdict(): string {
  if (!kept) return "A PROMISE WAS BROKEN";
  if (!aimed) return "NOTHING IS PROVEN: no promise was broken, but too few kills hit a host at work";
  return "every promise was kept";
}

function wasAimed({ atWork }: CrashReport): boolean {
  return atWork === null || atWork > kills / 2;
}

function judge({
  plugins,
  visible,
  atWork,
  refusedStarts,
  sameOrder,
  lastExit,
  lastWords,
}: CrashReport): boolean {
  for (const { name, delivered, lost, repeats, unmarked, disorder } of plugins) {
    console.log(
      `  ${name.padEnd(14)} ${delivered} of ${visible} delivered, ${lost.length} lost, ${repeats} repeated, ` +
        `${unmarked.length} of them unmarked, ${disorder} out of order`,
    );
  }
  if (atWork !== null) console.log(`  ${atWork} kills of hosts with an event in hand`);
  for (const printed of refusedStarts) console.log(`  a start ended by itself:\n${printed}`);
  if (lastExit !== 0) console.log(`  the last daemon ended with ${lastExit}:\n${lastWords}`);
  const broken = plugins.some(
    ({ lost, unmarked, disorder, repeats }) =>
      lost.length > 0 || unmarked.length > 0 || disorder > 0 || repeats > kills,
  );
  return !broken && refusedStarts.length === 0 && sameOrder && lastExit === 0;
}
