/** Plugins that move between two hosts of a cluster: how long each of them stands still meanwhile. */
import { once } from "node:events";
import { startPostgres } from "../../test/journal/postgres/server.ts";
import { type BenchSite, openSite } from "../catch-up.ts";
import { untilShared, untilTrue } from "../cluster-hosts.ts";
import { type BenchDaemon, openDaemon, recordsOf } from "../daemon.ts";
import { median, table } from "../results.ts";
import type { Scenario } from "./scenario.ts";

const LEASE_MS = 3000;
/** How long a callback takes, ms. */
const CALLBACK_MS = 20;
/** There is always a next event. */
const EVENTS = 10_000;
/** How often a host is asked to stop for each round. */
const STOPS = 2;
const NAMES = ["one", "two"];
/** When the callback began and ended, ms since 1970, and on which host. */
const RECORD = 24;

const typescript = (i: number) => `import { openSync, writeSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import type { Registrar } from "callsheet";
const file = openSync(\`\${process.env.RECORDS}/${i}\`, "a");
const now = () => performance.timeOrigin + performance.now();
export function registerCallbacks(reg: Registrar) {
  reg.registerCallback("s", "k", async () => {
    const begun = now();
    await wait(${CALLBACK_MS});
    writeSync(file, new Float64Array([begun, now(), Number(process.env.NUMBER)]));
  });
}`;
const python = (i: number) => `import os, struct, time

file = os.open(os.environ["RECORDS"] + "/${i}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)


def registerCallbacks(reg):
    reg.registerCallback("s", "k", call)


def call(sg, logger, event, args):
    begun = time.time()
    time.sleep(${CALLBACK_MS / 1000})
    os.write(file, struct.pack("ddd", begun * 1000, time.time() * 1000, float(os.environ["NUMBER"])))
`;
const PLUGINS = Object.fromEntries(
  Array.from({ length: 8 }, (_, i) => (i < 4 ? [`ts${i}.ts`, typescript(i)] : [`py${i}.py`, python(i)])),
);
const RECORDS = Object.keys(PLUGINS).map((_, i) => String(i));

interface Move {
  gapMs: number;
  /** Its host was asked to stop; otherwise a better one had come. */
  stopped: boolean;
}

export const handOverScenario: Scenario = {
  name: "hand-over",
  title: "Plugins that move to another host",
  async run({ rounds }) {
    const server = await startPostgres();
    const site = await openSite(1);
    try {
      return told(await moves(server.url, site, rounds * STOPS));
    } finally {
      site.close();
      await server.stop();
    }
  },
};

async function moves(url: string, site: BenchSite, stops: number): Promise<Move[]> {
  const daemons: BenchDaemon[] = [];
  const start = (name: string) =>
    openDaemon({
      site: site.info,
      plugins: PLUGINS,
      config: { start: "earliest", fetchInterval: "1s", cluster: { url, lease: LEASE_MS } },
      env: { CALLSHEET_HOST: name, NUMBER: String(NAMES.indexOf(name)) },
      beside: daemons[0],
    });
  try {
    for (const name of NAMES) daemons.push(start(name));
    await untilTrue(daemons, () => RECORDS.every((name) => recordsOf(daemons[0]!, name).length > 0));
    site.process.stdin.write(`add ${EVENTS}\n`);
    const asked: number[] = [];
    for (let i = 0; i < stops; i += 1) {
      await untilShared(daemons, NAMES, LEASE_MS);
      asked.push(Date.now());
      const [two] = daemons.splice(1);
      two!.process.kill("SIGTERM");
      await once(two!.process, "exit");
      daemons.push(start("two"));
    }
    await untilShared(daemons, NAMES, LEASE_MS);
    return RECORDS.flatMap((name) => movesOf(recordsOf(daemons[0]!, name), asked));
  } finally {
    for (const daemon of daemons.toReversed()) await daemon.close();
  }
}

function movesOf(bytes: Buffer, asked: readonly number[]): Move[] {
  const figures = new Float64Array(
    new Uint8Array(bytes.subarray(0, bytes.length - (bytes.length % RECORD))).buffer,
  );
  const found: Move[] = [];
  for (let at = 3; at < figures.length; at += 3) {
    const [done, host] = [figures[at - 2]!, figures[at - 1]!];
    if (figures[at + 2] === host) continue;
    const stopped = asked.some((ms) => done >= ms && done < ms + LEASE_MS * 2) && host === 1;
    found.push({ gapMs: figures[at]! - done, stopped });
  }
  return found;
}

function told(found: readonly Move[]): string {
  const rows = [true, false].flatMap((stopped) => {
    const gaps = found.filter((move) => move.stopped === stopped).map(({ gapMs }) => gapMs);
    if (gaps.length === 0) return [];
    const why = stopped ? "its host was asked to stop" : "a better host had come";
    const within = gaps.filter((ms) => ms <= 100).length;
    return [
      [
        why,
        String(gaps.length),
        `${median(gaps).toFixed(0)} ms`,
        `${Math.max(...gaps).toFixed(0)} ms`,
        String(within),
      ],
    ];
  });
  for (const row of rows) console.log(row.join("  "));
  const what = `Eight plugins, four in each language, that always have a next event and take ${CALLBACK_MS} ms for each: from the end of the last callback on one host to the beginning of the next on the other. Both hosts, the database and the site are on this one machine, and about half of the plugins are on the host that is asked to stop.`;
  return `${what}\n\n${table(["", "moves", "median", "longest", "within 100 ms"], rows)}`;
}
