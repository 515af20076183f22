/** A soak from its start to what is known of it in the end, whatever happens on the way. */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { openJournalForReading } from "../../src/journal/sqlite/open-for-reading.ts";
import { type BenchSite, openSite } from "../catch-up.ts";
import { type BenchDaemon, openDaemon, recordsOf } from "../daemon.ts";
import { watchPeak } from "../processes.ts";
import { Course } from "./course.ts";
import { Mishaps } from "./mishaps.ts";
import { type PluginVerdict, verdictOn } from "./oracle.ts";
import { fileOf, nameOf, PLUGINS, sourceOf } from "./plugins.ts";
import type { Sample } from "./sample.ts";

/** With fewer, steps would have no events to break at. */
export const LEAST_EVENTS = 10_000;
/** No plugin is left behind further than this, events; in a short run, than this share of them. */
const FARTHEST_BEHIND = 50_000;
const FARTHEST_SHARE = 1 / 20;
/** The journal's room. In a short run it is this share of the events, so that it is reached; of each, so many bytes are kept. */
const JOURNAL_MAX_MB = 100;
const JOURNAL_SHARE = 1 / 4;
const BYTES_AN_EVENT = 400;
const TROUBLE = 0.01;

export interface SoakPlan {
  events: number;
  /** Ends it early; what there is is judged. */
  brokenOff: AbortSignal;
  /** Told a line a step. */
  say(line: string): void;
}

export interface SoakReport {
  /** With what the plugins wrote, the daemon's log and its state. */
  folder: string;
  events: number;
  seconds: number;
  cpuSeconds: number;
  /** Why it did not come to its end; null: it did. */
  halted: string | null;
  /** What was done to plugins and had no effect, in sentences. */
  missed: string[];
  /** What went wrong with plugins to which nothing had been done, as the log has it. */
  unasked: string[];
  /** By the log. */
  reloads: number;
  breaks: number;
  exits: number;
  /** Of python processes. */
  kills: number;
  samples: Sample[];
  plugins: (PluginVerdict & { plugin: string; exits: number })[];
  journalMaxMb: number;
  /** How many events at the beginning the journal does not have any more; null: it could not be read. */
  forgotten: number | null;
  /** Exit code of the daemon that was asked to stop, or what killed it. */
  lastExit: number | string;
}

/** Leaves the folder to the caller. */
export async function soak(plan: SoakPlan): Promise<SoakReport> {
  const { events, say } = plan;
  const journalMaxMb = Math.min(JOURNAL_MAX_MB, Math.ceil((events * JOURNAL_SHARE * BYTES_AN_EVENT) / 1e6));
  const site = await openSite(10);
  let mishaps: Mishaps | undefined;
  const daemon = openDaemon({
    site: site.info,
    plugins: Object.fromEntries(Array.from({ length: PLUGINS }, (_, i) => [fileOf(i), sourceOf(i, 0)])),
    config: { start: "latest", fetchInterval: "100ms", retention: { maxSize: `${journalMaxMb}MB` } },
    onLine(line) {
      appendFileSync(join(daemon.folder, "daemon.log"), `${line}\n`);
      mishaps?.observed.line(line);
    },
  });
  // whatever ends this process leaves no other
  const leave = () => {
    daemon.process.kill("SIGKILL");
    site.close();
  };
  process.once("exit", leave);
  mishaps = new Mishaps(daemon);
  say(`in ${daemon.folder}`);
  const peak = watchPeak(daemon.process, 1000);
  const farthestBehind = Math.min(FARTHEST_BEHIND, Math.floor(events * FARTHEST_SHARE));
  const course = new Course({ site, daemon, mishaps, events, farthestBehind, brokenOff: plan.brokenOff });
  const begun = performance.now();
  const halted = await outcomeOf(async () => {
    await untilLoaded(daemon);
    makeTrouble(site);
    await course.run(say);
  });
  const seconds = (performance.now() - begun) / 1000;
  const cpuSeconds = peak.cpu();
  const lastExit = await daemon.stop();
  site.close();
  process.removeListener("exit", leave);
  return {
    folder: daemon.folder,
    events,
    seconds,
    cpuSeconds,
    halted,
    ...seenBy(mishaps),
    samples: course.samples,
    plugins: Array.from({ length: PLUGINS }, (_, i) => ({
      plugin: fileOf(i),
      exits: mishaps.observed.of(nameOf(i)).exits,
      ...verdictOn(recordsOf(daemon, String(i)), course.range),
    })),
    journalMaxMb,
    forgotten: await forgottenIn(daemon, course.range.first),
    lastExit,
  };
}

/** What was thrown, as a sentence; null: nothing. */
async function outcomeOf(work: () => Promise<void>): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function untilLoaded(daemon: BenchDaemon): Promise<void> {
  await daemon.line(/first start/);
  for (let i = 0; i < PLUGINS; i += 1) await daemon.line(new RegExp(`loaded ${nameOf(i)} `));
}

function makeTrouble(site: BenchSite): void {
  // that it has ended is looked at while something is waited for
  site.process.stdin.on("error", () => {});
  site.process.stdin.write(`trouble ${TROUBLE}\n`);
}

function seenBy({ observed, missed, tried }: Mishaps) {
  const of = (figure: "reloads" | "breaks" | "exits") => observed.sum(figure);
  const counts = { reloads: of("reloads"), breaks: of("breaks"), exits: of("exits"), kills: tried.kill };
  return { missed, unasked: observed.unasked, ...counts };
}

async function forgottenIn({ folder }: BenchDaemon, first: number): Promise<number | null> {
  try {
    const journal = await openJournalForReading(join(folder, "state"));
    try {
      const { entries } = await journal.read(0, 1);
      return entries[0] ? entries[0].id - first : null;
    } finally {
      await journal.close();
    }
  } catch {
    return null;
  }
}
