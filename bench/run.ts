/**
 * `npm run bench [-- EVENTS]`: catch-up through 1 and 10 plugins, as ratios to the floor of the same run; and what a python
 * process costs. Needs `npm run build`.
 */
import { cpus, totalmem } from "node:os";
import { catchUp, floor, type Measured, openSite } from "./catch-up.ts";
import { pythonProcesses } from "./python-process.ts";

const events = Number(process.argv[2] ?? 100_000);
const site = await openSite(events);
try {
  console.log(
    `${events} events, Node ${process.version}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB`,
  );
  const floors = [await floor(site.info), await floor(site.info)];
  const base = floors[1]!;
  print("floor: fetch and parse", base, base, events);
  for (const plugins of [1, 10]) {
    const measured = await catchUp({ site: site.info, events, plugins });
    print(`${plugins} plugin${plugins > 1 ? "s" : ""}`, measured, base, events * plugins);
  }
  for (const plugins of [1, 10]) {
    for (const order of ["independent", "strict"] as const) {
      const measured = await catchUp({ site: site.info, events, plugins, language: "python", order });
      const what = `${plugins} in Python${order === "strict" ? ", strict" : ""}`;
      print(what, measured, base, events * plugins);
    }
  }
} finally {
  site.close();
}
await pythonProcesses();

function print(
  what: string,
  { seconds, cpuSeconds, peakMb }: Measured,
  base: Measured,
  deliveries: number,
): void {
  const columns = [
    what.padEnd(24),
    `${(seconds / base.seconds).toFixed(2)}x`.padStart(8),
    `${seconds.toFixed(2)} s`.padStart(10),
    `${Math.round(deliveries / seconds)}/s`.padStart(12),
    `${cpuSeconds.toFixed(2)} s CPU`.padStart(14),
    `${Math.round(peakMb)} MB`.padStart(10),
  ];
  console.log(columns.join(""));
}
