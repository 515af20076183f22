/** One life of the daemon: it starts, events come, and it dies at the point that was armed, or one of its python processes does. */
import { appendFileSync, existsSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Dice } from "../../src/sandbox/random.ts";
import { DaemonProcess, type Ended } from "../chaos/process.ts";
import type { BusySite } from "../crash/busy-site.ts";
import { sizeOf } from "../crash/notes.ts";
import { type Armed, arm } from "./hit.ts";
import type { Point } from "./points.ts";

const HOOKS = new URL("./hooks.ts", import.meta.url).href;
const PYTHON_HOOKS = fileURLToPath(new URL("./python/hooks", import.meta.url));
const PYTHON_GUEST = fileURLToPath(new URL("../../src/plugins/python/guest", import.meta.url));
/** Shared by all runs. */
const COMPILED = join(tmpdir(), "callsheet-points-compiled");
const LONGEST_MS = 60_000;
const LOOK_EVERY_MS = 50;
/** Looks. */
const STIR_EVERY = 10;
const CHANGE_EVERY = 40;

export interface Place {
  folder: string;
  plugins: readonly string[];
  site: BusySite;
  dice: Dice;
}

export interface Life {
  /** Whether the point was met. */
  met: boolean;
  /** What it printed, when it ended in another way than it should have. */
  trouble: string | null;
}

export async function live(place: Place, point: Point, victim: Armed["victim"]): Promise<Life> {
  const { folder, dice } = place;
  rmSync(join(folder, "met"), { force: true });
  arm(folder, { point: point.name, count: dice.between(1, point.most), victim });
  const before = noted(place);
  const daemon = startDaemon(folder);
  const met = () => existsSync(join(folder, "met"));
  const over = () => !daemon.running || met();
  let begun = 0;
  await during(place, over, () => {
    // in the middle of work, which is not that of the last one's hosts
    if (noted(place) === before || !daemon.words.includes("loaded ")) return;
    // once: a second signal would end it at once
    if (point.needs === "stop" && begun === 0) daemon.child.kill("SIGTERM");
    // again and again: one that is not loaded yet is not loaded again
    if (point.needs === "changed file" && begun % CHANGE_EVERY === 0) change(place);
    begun += 1;
  });
  rmSync(join(folder, "armed"), { force: true });
  const killed = ({ signal }: Ended) => signal === "SIGKILL";
  if (!met()) {
    daemon.child.kill("SIGKILL");
    // a stop that was asked for may have been quicker
    const stopped = ({ code }: Ended) => begun > 0 && point.needs === "stop" && code === 0;
    return { met: false, trouble: await endOf(daemon, (end) => killed(end) || stopped(end)) };
  }
  if (victim === "host") {
    await untilNoted(place, daemon);
    daemon.child.kill("SIGTERM");
  }
  return {
    met: true,
    trouble: await endOf(daemon, (end) => (victim === "host" ? end.code === 0 : killed(end))),
  };
}

/** One that nothing happens to. */
export function startDaemon(folder: string): DaemonProcess {
  const daemon = new DaemonProcess(join(folder, "callsheet.config.json"), {
    ...process.env,
    NODE_OPTIONS: `--import ${HOOKS}`,
    NODE_COMPILE_CACHE: COMPILED,
    NOTES: join(folder, "notes"),
    POINTS: folder,
    POINTS_STATE: join(folder, "state"),
    POINTS_GUEST: PYTHON_GUEST,
    PYTHONPATH: PYTHON_HOOKS,
  });
  // a run that is broken off leaves no process
  const kill = () => daemon.child.kill("SIGKILL");
  process.once("exit", kill);
  void daemon.ended.then(() => process.removeListener("exit", kill));
  return daemon;
}

/** Bytes that the plugins have written down. */
function noted({ folder, plugins }: Place): number {
  return plugins.reduce((sum, name) => sum + sizeOf(join(folder, "notes", name)), 0);
}

async function during({ site }: Place, over: () => boolean, act: () => void): Promise<void> {
  const end = performance.now() + LONGEST_MS;
  for (let look = 0; !over() && performance.now() < end; look += 1) {
    // more than a slow machine delivers would only be in the way
    if (look % STIR_EVERY === 0) site.stir();
    act();
    await wait(LOOK_EVERY_MS);
  }
}

/** A host was killed: the daemon gives its plugin another. */
async function untilNoted(place: Place, daemon: DaemonProcess): Promise<void> {
  const before = noted(place);
  await during(
    place,
    () => !daemon.running || noted(place) > before,
    () => {},
  );
}

/** A line more in one of the plugins: another text, the same plugin. */
function change({ folder, dice }: Place): void {
  const file = dice.pick(readdirSync(join(folder, "plugins")).filter((name) => /\.(ts|py)$/.test(name)))!;
  appendFileSync(join(folder, "plugins", file), "\n");
}

/** @returns what it printed, if it did not end as it should */
async function endOf(daemon: DaemonProcess, well: (end: Ended) => boolean): Promise<string | null> {
  const end = await daemon.ended;
  return well(end) ? null : `ended with ${end.code ?? end.signal}:\n${end.words}`;
}
