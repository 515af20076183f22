/** A site 150 ms away: ranges of ids asked for at once, against one page after another. */
import { catchUp, floor, openSite } from "../catch-up.ts";
import { table } from "../results.ts";
import type { Scenario } from "./scenario.ts";

const DELAY_MS = 150;

export const farSiteScenario: Scenario = {
  name: "far-site",
  title: `A site ${DELAY_MS} ms away`,
  async run({ events }) {
    const site = await openSite(events, DELAY_MS);
    try {
      const base = await floor(site.info);
      const rows: string[][] = [];
      for (const parallelFetches of [1, 4, 8]) {
        const config = { parallelFetches };
        const { seconds, cpuSeconds } = await catchUp({ site: site.info, events, plugins: 1, config });
        const goal = parallelFetches === 4 ? "0.4x" : "";
        const ratio = `${(seconds / base.seconds).toFixed(2)}x`;
        const cells = [String(parallelFetches), ratio, goal, seconds.toFixed(1), cpuSeconds.toFixed(1)];
        console.log(cells.join("  "));
        rows.push(cells);
      }
      const head = ["`parallelFetches`", "time", "goal", "seconds", "CPU seconds"];
      return `${events} events to one plugin; the floor took ${base.seconds.toFixed(1)} s.\n\n${table(head, rows)}`;
    } finally {
      site.close();
    }
  },
};
