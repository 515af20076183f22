/** The course of a soak: events are added as fast as the slowest plugin takes them, and every so often something is changed or broken. */
import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type BenchSite, openSite } from "../catch-up.ts";
import { type BenchDaemon, openDaemon, recordsOf } from "../daemon.ts";
import { childrenOf, residentMb, watchPeak } from "../processes.ts";
import { type PluginVerdict, verdictOn } from "./oracle.ts";
import { fileOf, LINE, PYTHON, sourceOf, TYPESCRIPT } from "./plugins.ts";

const PLUGINS = TYPESCRIPT + PYTHON;
const AT_ONCE = 5000;
/** No plugin is left behind further than this, events; in a short run, than this share of them. */
const FARTHEST_BEHIND = 50_000;
const FARTHEST_SHARE = 1 / 20;
/** So long a broken plugin stays broken, ms: the daemon looks at the files every second. */
const BROKEN_FOR_MS = 3000;
const JOURNAL_MAX_MB = 100;
const STEPS = 40;
const SAMPLES_A_STEP = 5;
const TROUBLE = 0.01;

export interface Sample {
  /** Events that every plugin has had. */
  done: number;
  /** Resident memory of the daemon with its threads, and of the python processes together. */
  daemonMb: number;
  pythonMb: number;
  descriptors: number;
  stateMb: number;
}

export interface SoakReport {
  events: number;
  seconds: number;
  cpuSeconds: number;
  reloads: number;
  breaks: number;
  kills: number;
  samples: Sample[];
  plugins: PluginVerdict[];
  journalMaxMb: number;
}

/** @param say is told a line a step */
export async function soak(events: number, say: (line: string) => void): Promise<SoakReport> {
  const site = await openSite(10);
  const plugins = Object.fromEntries(Array.from({ length: PLUGINS }, (_, i) => [fileOf(i), sourceOf(i, 0)]));
  const config = { start: "latest", fetchInterval: "100ms", retention: { maxSize: `${JOURNAL_MAX_MB}MB` } };
  const daemon = openDaemon({ site: site.info, plugins, config });
  const peak = watchPeak(daemon.process);
  try {
    await daemon.line(/first start/);
    for (let i = 0; i < PLUGINS; i += 1) await daemon.line(new RegExp(`loaded soak${i} `));
    site.process.stdin.write(`trouble ${TROUBLE}\n`);
    const course = new Course(site, daemon, events);
    const begun = performance.now();
    await course.run(say);
    const seconds = (performance.now() - begun) / 1000;
    const first = site.info.newestId + 1;
    return {
      events,
      seconds,
      cpuSeconds: peak.cpu(),
      ...course.counts,
      samples: course.samples,
      plugins: Array.from({ length: PLUGINS }, (_, i) => ({
        plugin: fileOf(i),
        ...verdictOn(recordsOf(daemon, String(i)), { first, last: first + events - 1 }),
      })),
      journalMaxMb: JOURNAL_MAX_MB,
    };
  } finally {
    await daemon.close();
    site.close();
  }
}

class Course {
  readonly counts = { reloads: 0, breaks: 0, kills: 0 };
  readonly samples: Sample[] = [];
  readonly #site: BenchSite;
  readonly #daemon: BenchDaemon;
  readonly #events: number;
  #added = 0;
  #version = 0;
  /** Plugins to be written anew at the next step. */
  #hurt: number[] = [];
  #hurtAt = 0;
  readonly #behind: number;

  constructor(site: BenchSite, daemon: BenchDaemon, events: number) {
    this.#behind = Math.min(FARTHEST_BEHIND, events * FARTHEST_SHARE);
    this.#site = site;
    this.#daemon = daemon;
    this.#events = events;
  }

  async run(say: (line: string) => void): Promise<void> {
    for (let step = 1; step <= STEPS; step += 1) {
      for (let part = 1; part <= SAMPLES_A_STEP; part += 1) {
        const share = (step - 1 + part / SAMPLES_A_STEP) / STEPS;
        await this.#goTo(Math.round(this.#events * share));
        this.samples.push(this.#sample());
      }
      say(this.#line(step));
      while (this.#hurt.length > 0 && performance.now() - this.#hurtAt < BROKEN_FOR_MS) await this.#pause();
      this.#happen(step);
    }
    this.#mend();
    while (this.#done() < this.#events) await this.#pause();
    this.samples.push(this.#sample());
  }

  /** Adds up to this many events, never too many at once. */
  async #goTo(count: number): Promise<void> {
    while (this.#added < count) {
      const more = Math.min(AT_ONCE, this.#behind, count - this.#added);
      this.#site.process.stdin.write(`add ${more}\n`);
      this.#added += more;
      while (this.#added - this.#done() > this.#behind) {
        await this.#pause();
        // what is broken holds everything up
        if (performance.now() - this.#hurtAt > BROKEN_FOR_MS) this.#mend();
      }
    }
  }

  async #pause(): Promise<void> {
    this.#daemon.check();
    await wait(50);
  }

  /** A reload at each step; now and then a plugin that breaks, and a python process that is killed. */
  #happen(step: number): void {
    this.#mend();
    this.#write(step % PLUGINS, false);
    this.counts.reloads += 1;
    if (step % 3 === 0) {
      const broken = (step * 7) % PLUGINS;
      this.#write(broken, true);
      this.#hurt.push(broken);
      this.#hurtAt = performance.now();
      this.counts.breaks += 1;
    }
    if (step % 4 === 0) {
      const pythons = childrenOf(this.#daemon.process.pid!);
      const victim = pythons[step % pythons.length];
      if (victim === undefined) return;
      process.kill(victim, "SIGKILL");
      this.counts.kills += 1;
      // which of them it was is not known, and it may now be waiting for another file
      this.#hurtAt = performance.now();
      this.#hurt.push(...Array.from({ length: PYTHON }, (_, i) => TYPESCRIPT + i));
    }
  }

  #mend(): void {
    for (const i of this.#hurt) this.#write(i, false);
    this.#hurt = [];
  }

  #write(i: number, isBroken: boolean): void {
    this.#version += 1;
    writeFileSync(join(this.#daemon.folder, "plugins", fileOf(i)), sourceOf(i, this.#version, isBroken));
  }

  #done(): number {
    const sizes = Array.from({ length: PLUGINS }, (_, i) =>
      sizeOf(join(this.#daemon.folder, "records", String(i))),
    );
    return Math.min(this.#events, Math.floor(Math.min(...sizes) / LINE));
  }

  #sample(): Sample {
    const { pid } = this.#daemon.process;
    const pythonMb = childrenOf(pid!).reduce((sum, child) => sum + residentMb({ pid: child }), 0);
    return {
      done: this.#done(),
      daemonMb: residentMb({ pid }),
      pythonMb,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      stateMb: folderMb(join(this.#daemon.folder, "state")),
    };
  }

  #line(step: number): string {
    const { done, daemonMb, pythonMb, descriptors, stateMb } = this.samples.at(-1)!;
    const memory = `${daemonMb.toFixed(0)} MB and ${pythonMb.toFixed(0)} MB in python`;
    const share = `${Math.round((step * 100) / STEPS)}%`;
    return `${share.padStart(4)}  ${done} events had by all, ${memory}, ${descriptors} descriptors, state ${stateMb.toFixed(0)} MB`;
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function folderMb(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return files.reduce((sum, name) => sum + sizeOf(join(folder, name)), 0) / 1e6;
}
