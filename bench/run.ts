/**
 * `npm run bench [-- --quick] [--only NAME,NAME]`: measures scenario after scenario, prints as it goes, and writes each one's section of
 * `bench/RESULTS.md` (not with `--quick`). Needs `npm run build`. Linux only.
 */
import { parseArgs } from "node:util";
import { circumstances, writeSection } from "./results.ts";
import { pythonScenario, typescriptScenario } from "./scenarios/catch-up.ts";
import { farSiteScenario } from "./scenarios/far-site.ts";
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
];

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string" } },
});
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
  const section = await run({ quick: values.quick });
  if (values.quick) console.log(`\n${section}`);
  else writeSection(title, section);
}
