/**
 * `npm run bench [-- --only NAME,NAME] [--events N] [--rounds N] [--quick]`: measures scenario after scenario, prints as it goes, and
 * writes each one's section of `bench/RESULTS.md`. `--quick` is a first look: less of everything, and nothing is written. Needs
 * `npm run build`. Linux only.
 */
import { parseArgs } from "node:util";
import { circumstances, writeSection } from "./results.ts";
import { pythonScenario, typescriptScenario } from "./scenarios/catch-up.ts";
import { clusterScenario } from "./scenarios/cluster.ts";
import { farSiteScenario } from "./scenarios/far-site.ts";
import { handOverScenario } from "./scenarios/hand-over.ts";
import { partsScenario } from "./scenarios/parts.ts";
import { pythonProcessScenario } from "./scenarios/python-process.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { sleeperScenario } from "./scenarios/sleeper.ts";
import { steadyScenario } from "./scenarios/steady.ts";

const SCENARIOS: Scenario[] = [
  typescriptScenario,
  farSiteScenario,
  steadyScenario,
  sleeperScenario,
  partsScenario,
  pythonScenario,
  pythonProcessScenario,
  clusterScenario,
  handOverScenario,
];

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    events: { type: "string" },
    rounds: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const usual = values.quick
  ? { events: 30_000, rounds: 1, seconds: 5 }
  : { events: 100_000, rounds: 3, seconds: 30 };
const extent = {
  ...usual,
  events: Number(values.events ?? usual.events),
  rounds: Number(values.rounds ?? usual.rounds),
};
const only = values.only?.split(",");
const unknown = only?.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name)) ?? [];
if (unknown.length > 0) {
  console.error(
    `There is no scenario ${unknown.join(", ")}. There are: ${SCENARIOS.map(({ name }) => name).join(", ")}.`,
  );
  process.exit(2);
}
console.log(circumstances());
for (const { name, title, run } of SCENARIOS) {
  if (only && !only.includes(name)) continue;
  console.log(`\n${title}`);
  try {
    const section = await run(extent);
    if (values.quick) console.log(`\n${section}`);
    else writeSection(title, section);
  } catch (error) {
    console.error(`${name} was not measured. ${(error as Error).message}`);
    process.exitCode = 1;
  }
}
