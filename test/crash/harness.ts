/**
 * The crash run: a real daemon process follows a real sandbox site, its plugins write down what they finished, and it is
 * killed with SIGKILL at random moments and started again, until everything is delivered. Then every plugin's notes are held
 * against what the site made visible.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { openSandbox } from "../../src/sandbox/open.ts";
import { BusySite } from "./busy-site.ts";
import { killHost } from "./hosts.ts";
import { judge, lastNoted, notes, type PluginReport, sizeOf } from "./notes.ts";
import { broken } from "./verdict.ts";

const CLI = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const LONGEST_WAIT_MS = 20_000;
/** Looks at the notes without finding more. */
const STIR_EVERY = 100;
const PLUGINS = fileURLToPath(new URL("./plugins", import.meta.url));

export interface CrashPlan {
  kills: number;
  /** Events on the site before the first start; more arrive while it runs. */
  events: number;
  /** At most so many arrive at once: after each kill, and while one waits for plugins to be at work. */
  eventsAKill: number;
  random: () => number;
  /** Longest life of a daemon between two kills, ms. */
  longestLifeMs: number;
  /** What is killed: the daemon, or one of its python processes at a time. Default: the daemon. */
  target?: "daemon" | "hosts";
  /** Folder of the plugins to use, with the same names. Default: those of TypeScript. */
  plugins?: string;
  /** More of the daemon's configuration. */
  config?: object;
  tell?: (line: string) => void;
}

export interface CrashReport {
  /** Notes, plugins, configuration and state: there still if a promise was broken. */
  folder: string;
  kills: number;
  /** Kills that the plan asked for. */
  asked: number;
  /** How many of them came while plugins were noting events; of python processes, those with an event in hand. */
  atWork: number;
  /** Events that the site made visible. */
  visible: number;
  plugins: PluginReport[];
  /** Whether all plugins got the events in the same order. */
  sameOrder: boolean;
  /** Starts that ended by themselves, with what they printed: there must be none. */
  refusedStarts: string[];
  /** Exit status of the last daemon, which was asked to stop. */
  lastExit: number | null;
  /** The end of what it printed. */
  lastWords: string;
}

/** Resolves with what happened; judging it is the caller's. */
export async function crashRun(plan: CrashPlan): Promise<CrashReport> {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-crash-"));
  const sandbox = await openSandbox();
  try {
    const report = await crashIn(folder, sandbox, plan);
    if (broken(report).length === 0) rmSync(folder, { recursive: true, force: true });
    return report;
  } finally {
    await sandbox.close();
  }
}

async function crashIn(folder: string, sandbox: Sandbox, plan: CrashPlan): Promise<CrashReport> {
  const site = new BusySite(sandbox, plan);
  const names = prepare(folder, sandbox, plan);
  const tell = (kill: number) => {
    if (kill % 10 === 9)
      plan.tell?.(`${kill + 1} kills, ${notes(folder, names[1]!).length} events delivered to ${names[1]}`);
  };
  const newestId = () => sandbox.site.events.newestId;
  const allDelivered = () => names.every((name) => lastNoted(folder, name) === newestId());
  const stirIfIdle = () => {
    if (allDelivered()) site.stir();
  };
  const run: Run = { folder, names, site, plan, stirIfIdle, tell };
  const { kills, refusedStarts, atWork, last } = await (plan.target === "hosts" ? killHosts : killDaemons)(
    run,
  );
  site.settle();
  const newest = newestId();
  await until(
    () =>
      last.child.exitCode !== null ||
      names.every((name) => notes(folder, name).some(({ id }) => id === newest)),
  );
  // late events stand behind newer ones: wait until nothing is missing any more, or nothing moves
  await until(
    () =>
      last.child.exitCode !== null ||
      names.every((name) => new Set(notes(folder, name).map(({ id }) => id)).size >= site.visible.size),
  );
  last.child.kill("SIGTERM");
  const lastWords = await last.ended;
  const orders = names.map((name) => [...new Set(notes(folder, name).map(({ id }) => id))].join());
  return {
    folder,
    kills,
    asked: plan.kills,
    atWork,
    visible: site.visible.size,
    plugins: names.map((name) => judge(name, notes(folder, name), site.visible)),
    sameOrder: new Set(orders).size === 1,
    refusedStarts,
    lastExit: last.child.exitCode,
    lastWords,
  };
}

type Daemon = ReturnType<typeof startDaemon>;

interface Run {
  folder: string;
  names: readonly string[];
  site: BusySite;
  plan: CrashPlan;
  /** More happens on the site, if all is delivered. */
  stirIfIdle(): void;
  tell(kill: number): void;
}

/** What came of the kills, and the daemon that is left to finish. */
interface Killed {
  kills: number;
  refusedStarts: string[];
  atWork: number;
  last: Daemon;
}

async function killDaemons(run: Run): Promise<Killed> {
  const { folder, site, plan, tell } = run;
  const refusedStarts: string[] = [];
  let atWork = 0;
  for (let kill = 0; kill < plan.kills; kill += 1) {
    const daemon = startDaemon(folder);
    // now and then before it has come far; else in the middle of things, however long this machine takes to get there
    const early = plan.random() < 0.2;
    const lifeMs = 100 + plan.random() * plan.longestLifeMs;
    const life = async () => {
      if (!early) await untilMore(run, daemon.child);
      await wait(lifeMs);
      return !early && (await untilMore(run, daemon.child, () => site.stir()));
    };
    const outcome = await Promise.race([life(), daemon.ended]);
    if (typeof outcome === "string") refusedStarts.push(outcome);
    else if (outcome) atWork += 1;
    daemon.child.kill("SIGKILL");
    await daemon.ended;
    site.stir();
    tell(kill);
  }
  return { kills: plan.kills, refusedStarts, atWork, last: startDaemon(folder) };
}

/** One daemon, whose python processes are killed one at a time. */
async function killHosts({ folder, site, plan, stirIfIdle, tell }: Run): Promise<Killed> {
  const last = startDaemon(folder);
  const over = () => last.child.exitCode !== null;
  let kills = 0;
  let atWork = 0;
  while (kills < plan.kills) {
    await wait(20 + plan.random() * plan.longestLifeMs);
    const hit = await killHost({ daemon: last.child.pid!, random: plan.random, stirIfIdle, over });
    if (hit === null) break;
    if (hit) atWork += 1;
    site.stir();
    tell(kills);
    kills += 1;
  }
  return { kills, refusedStarts: [], atWork, last };
}

/**
 * Until a plugin has noted something new, or the daemon has ended. @returns false when nothing was for long
 * @param stir called again and again while nothing is: all may have been delivered
 */
async function untilMore({ folder, names }: Run, daemon: ChildProcess, stir = () => {}): Promise<boolean> {
  const size = () => names.reduce((sum, name) => sum + sizeOf(join(folder, "notes", name)), 0);
  const before = size();
  const end = performance.now() + LONGEST_WAIT_MS;
  for (let look = 1; size() === before; look += 1) {
    if (daemon.exitCode !== null || performance.now() > end) return false;
    if (look % STIR_EVERY === 0) stir();
    await wait(2);
  }
  return true;
}

function prepare(folder: string, sandbox: Sandbox, plan: CrashPlan): string[] {
  cpSync(plan.plugins ?? PLUGINS, join(folder, "plugins"), { recursive: true });
  mkdirSync(join(folder, "notes"));
  const { url, scriptName, scriptKey } = sandbox;
  const config = {
    site: { url, scriptName, scriptKey },
    start: "earliest",
    fetchInterval: "100ms",
    gapTimeout: "1h",
    ...plan.config,
  };
  writeFileSync(join(folder, "callsheet.config.json"), JSON.stringify(config));
  return ["one", "slow", "two-callbacks"];
}

function startDaemon(folder: string): { child: ChildProcess; ended: Promise<string> } {
  const child = spawn(process.execPath, [CLI, "run", "--config", join(folder, "callsheet.config.json")], {
    env: { ...process.env, NOTES: join(folder, "notes") },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const keep = (text: Buffer) => {
    printed = (printed + text.toString()).slice(-2000);
  };
  child.stdout!.on("data", keep);
  child.stderr!.on("data", keep);
  return { child, ended: once(child, "close").then(() => printed) };
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 120_000;
  while (!condition() && performance.now() < end) await wait(50);
}
