/** A round: one state, and a kill at each of some points, one life of the daemon after the other; then a life to the end. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { openJournalForReading } from "../../src/journal/sqlite/open-for-reading.ts";
import { openSandbox, type Sandbox } from "../../src/sandbox/open.ts";
import { Dice } from "../../src/sandbox/random.ts";
import { BusySite } from "../crash/busy-site.ts";
import { judge, notes, type PluginReport } from "../crash/notes.ts";
import { python } from "../plugins-python/python.ts";
import type { Armed } from "./hit.ts";
import { live, type Place, startDaemon } from "./life.ts";
import type { Point } from "./points.ts";
import { broken } from "./verdict.ts";

export type Language = "typescript" | "python";

export interface Kill {
  point: Point;
  victim: Armed["victim"];
}

export interface RoundPlan {
  language: Language;
  kills: readonly Kill[];
  seed: number;
  tell?: (line: string) => void;
}

export interface RoundReport {
  /** State, configuration, plugins and notes: there still if a promise was broken. */
  folder: string;
  met: Kill[];
  unmet: Kill[];
  /** Ends of the daemon that nobody asked for, with what it printed. */
  troubles: string[];
  visible: number;
  /** Per callback. */
  callbacks: PluginReport[];
  /** Whether each callback got its events in the journal's order. */
  inOrder: boolean;
}

const FOLDERS: Record<Language, string> = { typescript: "./plugins", python: "./python/plugins" };
/** What their callbacks write to. */
const CALLBACKS = ["one", "first", "second"];
const EVENTS_AT_ONCE = 12;
const LONGEST_END_MS = 120_000;

export async function playRound(plan: RoundPlan): Promise<RoundReport> {
  const folder = mkdtempSync(join(tmpdir(), "callsheet-points-"));
  const sandbox = await openSandbox();
  try {
    const report = await playIn(folder, sandbox, plan);
    if (broken(report).length === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
    return report;
  } finally {
    await sandbox.close();
  }
}

async function playIn(folder: string, sandbox: Sandbox, plan: RoundPlan): Promise<RoundReport> {
  const { language, kills, seed, tell = () => {} } = plan;
  const dice = new Dice(seed);
  prepare(folder, sandbox, language);
  const random = () => dice.between(0, 999) / 1000;
  const site = new BusySite(sandbox, { random, eventsAKill: EVENTS_AT_ONCE, events: 30 });
  const place: Place = { folder, plugins: CALLBACKS, site, dice };
  const report = { met: [] as Kill[], unmet: [] as Kill[], troubles: [] as string[] };
  for (const kill of kills) {
    const { met, trouble } = await live(place, kill.point, kill.victim);
    (met ? report.met : report.unmet).push(kill);
    if (trouble !== null) report.troubles.push(`at ${kill.point.name} it ${trouble}`);
    tell(
      `${kill.point.name} (${kill.victim}): ${met ? "met" : "NOT MET"}${trouble === null ? "" : `, ${trouble}`}`,
    );
  }
  const trouble = await liveToTheEnd(folder, site);
  if (trouble !== null) report.troubles.push(trouble);
  const order = await journalOrder(join(folder, "state"));
  return {
    ...report,
    folder,
    visible: site.visible.size,
    callbacks: CALLBACKS.map((name) => judge(name, notes(folder, name), site.visible)),
    inOrder: CALLBACKS.every((name) => idsOf(folder, name).join() === order.join()),
  };
}

/** @returns what it printed, if it does not end well */
async function liveToTheEnd(folder: string, site: BusySite): Promise<string | null> {
  site.settle();
  const daemon = startDaemon(folder);
  const end = performance.now() + LONGEST_END_MS;
  const done = () => CALLBACKS.every((name) => idsOf(folder, name).length >= site.visible.size);
  while (daemon.running && !done() && performance.now() < end) await wait(50);
  daemon.child.kill("SIGTERM");
  const { code, signal, words } = await daemon.ended;
  return code === 0 ? null : `asked to stop, it ended with ${code ?? signal}:\n${words}`;
}

/** Each once, in the order in which they came first. */
function idsOf(folder: string, name: string): number[] {
  return [...new Set(notes(folder, name).map(({ id }) => id))];
}

async function journalOrder(state: string): Promise<number[]> {
  const journal = await openJournalForReading(state);
  const ids: number[] = [];
  try {
    for (let seq = 0; ; ) {
      const { entries } = await journal.read(seq, 1000);
      if (entries.length === 0) return ids;
      ids.push(...entries.map(({ id }) => id));
      seq = entries.at(-1)!.seq;
    }
  } finally {
    await journal.close();
  }
}

function prepare(folder: string, { url, scriptName, scriptKey }: Sandbox, language: Language): void {
  cpSync(fileURLToPath(new URL(FOLDERS[language], import.meta.url)), join(folder, "plugins"), {
    recursive: true,
  });
  mkdirSync(join(folder, "notes"));
  const config = {
    site: { url, scriptName, scriptKey },
    start: "earliest",
    state: "state",
    fetchInterval: "100ms",
    reloadInterval: "200ms",
    batchSize: 20,
    gapTimeout: "1h",
    server: { enabled: false },
    ...(language === "python" ? { python: { interpreter: python ?? "python3" } } : {}),
  };
  writeFileSync(join(folder, "callsheet.config.json"), JSON.stringify(config));
}
