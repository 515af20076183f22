/** A thousand events a second to twenty plugins, with the doorbell: how long from visible on the site to the callback. */
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { type BenchSite, openSite } from "../catch-up.ts";
import { type BenchDaemon, openDaemon, recordsOf } from "../daemon.ts";
import { watchPeak } from "../processes.ts";
import { percentile, table } from "../results.ts";
import { Standstill, standstillOf } from "../standstill.ts";
import type { Scenario } from "./scenario.ts";

const RATE = 1000;
const PLUGINS = 20;
const SECRET = "a-secret-of-the-webhook";
/** Seconds at the beginning that do not count: site and daemon load what they have not needed before. */
const WARM_UP = 3;
/** An event's id and the time of its callback. */
const RECORD = 16;

const plugin = (i: number) => `import { openSync, writeSync } from "node:fs";
import type { Registrar } from "callsheet";
const file = openSync(\`\${process.env.RECORDS}/${i}\`, "a");
const record = new Float64Array(2);
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", (_sg, _logger, event) => {
    record[0] = event.id;
    record[1] = performance.timeOrigin + performance.now();
    writeSync(file, record);
  });
}`;

export const steadyScenario: Scenario = {
  name: "steady",
  title: `${RATE} events a second to ${PLUGINS} plugins, with the doorbell`,
  async run({ seconds: counted }) {
    const seconds = WARM_UP + counted;
    const site = await openSite(10);
    const plugins = Object.fromEntries(
      Array.from({ length: PLUGINS }, (_, i) => [`plugin${i}.ts`, plugin(i)]),
    );
    const config = { start: "latest", fetchInterval: "10s", server: { port: 0, webhookSecret: SECRET } };
    const daemon = openDaemon({ site: site.info, plugins, config });
    try {
      const url = await daemon.url;
      await daemon.line(/first start/);
      const peak = watchPeak(daemon.process);
      for (let i = 0; i < PLUGINS; i += 1)
        await daemon.line(new RegExp(`loaded plugin${i} |loaded plugin${i}"`));
      const before = peak.cpu();
      site.process.stdin.write(`steady ${RATE} ${seconds} ${url}/webhooks/fpt ${SECRET}\n`);
      const visibleAt = await untilAllVisible(site);
      await untilRecorded(daemon, visibleAt.size);
      const cpu = ((peak.cpu() - before) * 1e6) / visibleAt.size;
      const late = latencies(
        visibleAt,
        Array.from({ length: PLUGINS }, (_, i) => recordsOf(daemon, String(i))),
      );
      const cells = [0.5, 0.95, 0.99, 1].map((share) => `${percentile(late, share).toFixed(1)} ms`);
      console.log(cells.join("  "));
      const head = ["p50", "p95", "p99", "longest"];
      const what = `${late.length.toLocaleString("en")} deliveries in ${counted} s after ${WARM_UP} s of warming up; goal: p99 under 50 ms. The daemon used ${cpu.toFixed(0)} CPU seconds a million events.`;
      return `${what}\n\n${table(head, [cells])}`;
    } finally {
      await daemon.close();
      site.close();
    }
  },
};

/** When each event became visible, by its id. @throws Error when the site ends before it has written them all */
async function untilAllVisible(site: BenchSite): Promise<Map<number, number>> {
  const visibleAt = new Map<number, number>();
  for await (const line of createInterface(site.process.stdout)) {
    if (line === "end") return visibleAt;
    const [id, at] = line.split(" ").map(Number);
    visibleAt.set(id!, at!);
  }
  throw new Error(`The site ended after ${visibleAt.size} events.`);
}

/** Until every plugin has so many. @throws Error when the daemon ends by itself, or nothing is recorded any more */
async function untilRecorded(daemon: BenchDaemon, events: number): Promise<void> {
  const standstill = new Standstill();
  for (;;) {
    const counts = Array.from({ length: PLUGINS }, (_, i) => recordsOf(daemon, String(i)).length / RECORD);
    const lacking = counts.flatMap((count, i) =>
      count < events ? [`plugin${i} has ${count} of ${events} events`] : [],
    );
    if (lacking.length === 0) return;
    daemon.check();
    if (standstill.at(counts.reduce((sum, count) => sum + count, 0))) throw new Error(standstillOf(lacking));
    await wait(100);
  }
}

/** Milliseconds, ascending. */
function latencies(visibleAt: Map<number, number>, records: Buffer[]): Float64Array {
  const counts = Math.min(...visibleAt.keys()) + WARM_UP * RATE;
  const late: number[] = [];
  for (const bytes of records) {
    const figures = new Float64Array(new Uint8Array(bytes).buffer);
    for (let at = 0; at < figures.length; at += 2) {
      const [id, calledAt] = [figures[at]!, figures[at + 1]!];
      if (id >= counts) late.push(calledAt - visibleAt.get(id)!);
    }
  }
  return Float64Array.from(late).sort();
}
