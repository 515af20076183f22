/** One plugin that sleeps 200 ms an event beside others: by turns with it and without. */
import { catchUp, type Measured, openSite, record } from "../catch-up.ts";
import { median, table } from "../results.ts";
import type { Scenario } from "./scenario.ts";

const OTHERS = 4;

const SLEEPER = `import type { Registrar } from "callsheet";
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", () => new Promise((resolve) => setTimeout(resolve, 200)));
}`;
/** Loads and registers as the sleeper does, and wants nothing. */
const IDLER = SLEEPER.replace("200)));", "200)), { No_Such_Event: null });");

export const sleeperScenario: Scenario = {
  name: "sleeper",
  title: "A plugin that sleeps 200 ms an event",
  async run({ events, rounds }) {
    const site = await openSite(events);
    try {
      const run = (source: string) =>
        catchUp({
          site: site.info,
          events,
          plugins: OTHERS + 1,
          source: (i) => (i < OTHERS ? record(i) : source),
          expected: (i) => (i < OTHERS ? events : null),
        });
      const without: Measured[] = [];
      const beside: Measured[] = [];
      for (let round = 0; round < rounds; round += 1) {
        without.push(await run(IDLER));
        beside.push(await run(SLEEPER));
      }
      const ratio = (figure: "seconds" | "cpuSeconds") =>
        `${median(beside.map((one, i) => one[figure] / without[i]![figure])).toFixed(2)}x`;
      const spread = without.map(({ seconds }) => seconds / median(without.map((one) => one.seconds)));
      const rows = [
        ["time until the others are done", ratio("seconds")],
        ["processor time", ratio("cpuSeconds")],
      ];
      console.log(rows.map((cells) => cells.join("  ")).join("\n"));
      const span = `${Math.min(...spread).toFixed(2)}x to ${Math.max(...spread).toFixed(2)}x`;
      return `${events} events to ${OTHERS} plugins that record everything, beside the sleeper against beside one that wants nothing; medians of ${rounds} rounds. The rounds without it differ among themselves by ${span}.\n\n${table(["", "beside the sleeper"], rows)}`;
    } finally {
      site.close();
    }
  },
};
