/** A cluster against one daemon with its own state: the same events, through the same plugins, in one run; and what one lane can do at most. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type PostgresServer, startPostgres } from "../../test/journal/postgres/server.ts";
import { type BenchSite, LINE, openSite, record } from "../catch-up.ts";
import { untilShared, untilTrue } from "../cluster-hosts.ts";
import { measureCommits } from "../commits.ts";
import { type BenchDaemon, openDaemon } from "../daemon.ts";
import { watchPeak } from "../processes.ts";
import { median, table } from "../results.ts";
import type { Scenario } from "./scenario.ts";

const PLUGINS = 10;
const LEASE_MS = 3000;

export const clusterScenario: Scenario = {
  name: "cluster",
  title: "A cluster",
  async run({ events, rounds }) {
    // durable, as a studio's is
    const server = await startPostgres();
    try {
      const steps = Math.round(events / 20);
      const { plain, alone, ofTen } = await measureCommits(server.url, steps);
      const commits = [
        ["a row that is set, by one client", Math.round(plain), ""],
        ["one lane", Math.round(alone), `${(alone / plain).toFixed(2)}x`],
        ["each of ten lanes at once", Math.round(ofTen), `${(ofTen / plain).toFixed(2)}x`],
      ].map((cells) => cells.map(String));
      console.log(commits.map((cells) => cells.join("  ")).join("\n"));
      const found: Record<Kind, Found[]> = { alone: [], "one host": [], "three hosts": [] };
      for (let round = 0; round < rounds; round += 1)
        for (const kind of KINDS) found[kind].push(await delivered(kind, events, server));
      return `${told(found, events, rounds)}\n\nSerial fenced commits, ${steps} of each, waited for one by one:\n\n${table(["", "a second", ""], commits)}`;
    } finally {
      await server.stop();
    }
  },
};

type Kind = "alone" | "one host" | "three hosts";
const KINDS: readonly Kind[] = ["alone", "one host", "three hosts"];

interface Found {
  seconds: number;
  cpuSeconds: number;
}

let schemas = 0;

/** The daemons are there and have shared the plugins out; then the events come, all at once. */
async function delivered(kind: Kind, events: number, server: PostgresServer): Promise<Found> {
  const site = await openSite(1);
  const daemons: BenchDaemon[] = [];
  try {
    schemas += 1;
    const cluster = { url: server.url, schema: `bench_${schemas}`, lease: LEASE_MS };
    const names = { alone: [""], "one host": ["one"], "three hosts": ["one", "two", "three"] }[kind];
    for (const host of names) {
      daemons.push(
        openDaemon({
          site: site.info,
          plugins: Object.fromEntries(
            Array.from({ length: PLUGINS }, (_, i) => [`plugin${i}.ts`, record(i)]),
          ),
          config: { start: "earliest", fetchInterval: "100ms", ...(host === "" ? {} : { cluster }) },
          env: { CALLSHEET_HOST: host },
          beside: daemons[0],
        }),
      );
    }
    const whole = (lines: number) =>
      Array.from({ length: PLUGINS }, (_, i) => join(daemons[0]!.folder, "records", String(i))).every(
        (file) => existsSync(file) && statSync(file).size >= lines * LINE,
      );
    await untilTrue(daemons, () => whole(1));
    if (kind === "three hosts") await untilShared(daemons, names, LEASE_MS);
    return await timed(site, daemons, { events, done: () => whole(events + 1) });
  } finally {
    for (const daemon of daemons.toReversed()) await daemon.close();
    site.close();
  }
}

async function timed(
  site: BenchSite,
  daemons: readonly BenchDaemon[],
  { events, done }: { events: number; done: () => boolean },
): Promise<Found> {
  const peaks = daemons.map((daemon) => watchPeak(daemon.process));
  const cpu = () => peaks.reduce((sum, peak) => sum + peak.cpu(), 0);
  const before = cpu();
  const begun = performance.now();
  site.process.stdin.write(`add ${events}\n`);
  await untilTrue(daemons, done);
  return { seconds: (performance.now() - begun) / 1000, cpuSeconds: cpu() - before };
}

function told(found: Record<Kind, Found[]>, events: number, rounds: number): string {
  const of = (kind: Kind, figure: keyof Found) => median(found[kind].map((one) => one[figure]));
  const rows = KINDS.map((kind) => {
    const seconds = of(kind, "seconds");
    const cells = [
      kind === "alone" ? "one daemon with a state of its own" : `a cluster of ${kind}`,
      seconds.toFixed(1),
      `${median(found[kind].map((one, i) => one.seconds / found.alone[i]!.seconds)).toFixed(1)}x`,
      Math.round((events * PLUGINS) / seconds).toLocaleString("en"),
      Math.round(events / seconds).toLocaleString("en"),
      of(kind, "cpuSeconds").toFixed(1),
    ];
    console.log(cells.join("  "));
    return cells;
  });
  const head = ["", "seconds", "time", "deliveries a second", "of each plugin", "CPU s of the daemons"];
  return `${events} events that come at once, to ${PLUGINS} plugins that record everything; medians of ${rounds} rounds. All hosts, the database and the site are on this one machine, and share its cores.\n\n${table(head, rows)}`;
}
