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

const CLI = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const LONGEST_WAIT_MS = 20_000;
const PLUGINS = fileURLToPath(new URL("./plugins", import.meta.url));

export interface CrashPlan {
  kills: number;
  /** Events on the site before the first start; more arrive while it runs. */
  events: number;
  /** At most so many arrive between two kills. */
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
  kills: number;
  /** How many of them hit a python process with an event in hand; null where daemons were killed. */
  atWork: number | null;
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
    return await crashIn(folder, sandbox, plan);
  } finally {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
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
  const { refusedStarts, atWork, last } =
    plan.target === "hosts"
      ? await killHosts(folder, site, plan, allDelivered, tell)
      : await killDaemons(folder, names, site, plan, tell);
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
    kills: plan.kills,
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

/** @returns the daemon that is left to finish */
async function killDaemons(
  folder: string,
  names: string[],
  site: BusySite,
  plan: CrashPlan,
  tell: (kill: number) => void,
) {
  const refusedStarts: string[] = [];
  for (let kill = 0; kill < plan.kills; kill += 1) {
    const daemon = startDaemon(folder);
    // now and then before it has come far; else in the middle of things, however long this machine takes to get there
    const early = plan.random() < 0.2;
    const lifeMs = 100 + plan.random() * plan.longestLifeMs;
    const begun = early ? Promise.resolve() : untilMore(folder, names, daemon.child);
    const life = begun.then(() => wait(lifeMs)).then(() => "killed" as const);
    const outcome = await Promise.race([life, daemon.ended]);
    if (outcome !== "killed") refusedStarts.push(outcome);
    daemon.child.kill("SIGKILL");
    await daemon.ended;
    site.stir();
    tell(kill);
  }
  return { refusedStarts, atWork: null, last: startDaemon(folder) };
}

/** One daemon, whose python processes are killed one at a time. */
async function killHosts(
  folder: string,
  site: BusySite,
  plan: CrashPlan,
  allDelivered: () => boolean,
  tell: (kill: number) => void,
) {
  const last: Daemon = startDaemon(folder);
  const over = () => last.child.exitCode !== null;
  const stirIfIdle = () => {
    if (allDelivered()) site.stir();
  };
  let atWork = 0;
  for (let kill = 0; kill < plan.kills; kill += 1) {
    await wait(20 + plan.random() * plan.longestLifeMs);
    const hit = await killHost({ daemon: last.child.pid!, random: plan.random, stirIfIdle, over });
    if (hit === null) break;
    if (hit) atWork += 1;
    site.stir();
    tell(kill);
  }
  return { refusedStarts: [], atWork, last };
}

/** Until a plugin has noted something new, the daemon has ended, or everything has been delivered long ago. */
async function untilMore(folder: string, names: string[], daemon: ChildProcess): Promise<void> {
  const size = () => names.reduce((sum, name) => sum + sizeOf(join(folder, "notes", name)), 0);
  const before = size();
  const end = performance.now() + LONGEST_WAIT_MS;
  while (size() === before && daemon.exitCode === null && performance.now() < end) await wait(20);
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
