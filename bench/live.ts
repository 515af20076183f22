/**
 * What people who watch cost: a catch-up with BROWSERS clients on live updates, which another process holds and reads, against the same
 * catch-up without, by turns. Medians of the daemon's CPU and of the time. Needs `npm run build`. Linux only.
 *
 *     node bench/live.ts [EVENTS] [ROUNDS] [BROWSERS]
 *
 * The browsers of a studio run on other machines. Here they read and parse on the processors that the daemon works on, and on a machine of
 * two the time would tell mostly of that. So they get only what nobody else wants (nice 19), and a round counts only when none of
 * them fell behind so far that it was dropped. Then CPU is what watching costs the daemon, whatever else the machine does, and time
 * what it costs its speed, where the machine does nothing else.
 *
 * Under 1.10x: 50 browsers on 100,000 events. Measured: CPU 0.99x and 1.03x, medians of three rounds, on a machine that was busy with
 * other things, where the time says nothing.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { catchUp, type Measured, openSite } from "./catch-up.ts";

const EVENTS = Number(process.argv[2] ?? 100_000);
const ROUNDS = Number(process.argv[3] ?? 5);
const BROWSERS = Number(process.argv[4] ?? 50);
const PLUGINS = 2;

const alone: Measured[] = [];
const watched: Measured[] = [];
let told = "";
const site = await openSite(EVENTS);
try {
  for (let round = 0; round < ROUNDS; round += 1) {
    alone.push(await catchUp({ site: site.info, events: EVENTS, plugins: PLUGINS }));
    watched.push(await withBrowsers());
  }
} finally {
  site.close();
}
for (const figure of ["cpuSeconds", "seconds"] as const) {
  const [without, with_] = [alone, watched].map((runs) => median(runs.map((run) => run[figure])));
  const name = figure === "seconds" ? "time" : "CPU of the daemon";
  console.log(
    `${name.padEnd(18)} ${(with_! / without!).toFixed(3)}x  (${without!.toFixed(2)} s alone, ${with_!.toFixed(2)} s with ${BROWSERS} browsers)`,
  );
}
console.log(`the browsers were told: ${told}`);

/** The browsers follow from the daemon's start to its end, as EventSource does: connected again when it is not there. */
async function withBrowsers(): Promise<Measured> {
  let browsers: ReturnType<typeof spawn> | undefined;
  const measured = await catchUp({
    site: site.info,
    events: EVENTS,
    plugins: PLUGINS,
    onUrl(url) {
      const file = fileURLToPath(new URL("./browsers.ts", import.meta.url));
      browsers = spawn(process.execPath, [file, url, String(BROWSERS)], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      setPriority(browsers.pid!, constants.priority.PRIORITY_LOW);
      browsers.stdout!.on("data", (text: Buffer) => {
        told = text.toString().trim();
      });
    },
  });
  browsers?.stdin?.end();
  if (browsers) await once(browsers, "exit");
  const connections = Number(told.split(" ")[0]);
  if (connections !== BROWSERS) throw new Error(`${BROWSERS} browsers, but ${told}: some were dropped`);
  return measured;
}

function median(figures: number[]): number {
  return figures.toSorted((a, b) => a - b)[figures.length >> 1]!;
}
