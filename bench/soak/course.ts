/** The course of a soak: events are added as fast as the slowest plugin takes them, and every so often something is changed or broken. */
import { setTimeout as wait } from "node:timers/promises";
import type { BenchSite } from "../catch-up.ts";
import type { BenchDaemon } from "../daemon.ts";
import { Standstill, standstillOf } from "../standstill.ts";
import type { Mishaps } from "./mishaps.ts";
import { nameOf } from "./plugins.ts";
import { Records, type Standing } from "./records.ts";
import { type Sample, sampleOf } from "./sample.ts";

const AT_ONCE = 5000;
export const STEPS = 40;
const SAMPLES_A_STEP = 5;
/** While something is waited for, so many events come every so often: a broken plugin has to meet one. */
const TRICKLE = { events: 3, everyMs: 500 };

export interface CourseParts {
  site: BenchSite;
  daemon: BenchDaemon;
  mishaps: Mishaps;
  events: number;
  /** No plugin is left behind further than this, events. */
  farthestBehind: number;
  brokenOff: AbortSignal;
}

export class Course {
  readonly samples: Sample[] = [];
  readonly #parts: CourseParts;
  readonly #records: Records;
  readonly #standstill = new Standstill();
  readonly #first: number;
  #begun = 0;
  #added = 0;
  #trickledAt = 0;

  constructor(parts: CourseParts) {
    this.#parts = parts;
    this.#records = new Records(parts.daemon);
    this.#first = parts.site.info.newestId + 1;
  }

  /** Of the events that the site has made visible. */
  get range(): { first: number; last: number } {
    return { first: this.#first, last: this.#first + this.#added - 1 };
  }

  /**
   * @param say is told a line a step
   * @throws Error when it is broken off, the daemon or the site ends, or nothing is recorded any more
   */
  async run(say: (line: string) => void): Promise<void> {
    const { mishaps, events, daemon } = this.#parts;
    this.#begun = performance.now();
    for (let step = 1; step <= STEPS; step += 1) {
      for (let part = 1; part <= SAMPLES_A_STEP; part += 1) {
        await this.#goTo(Math.round((events * (step - 1 + part / SAMPLES_A_STEP)) / STEPS));
        this.samples.push(sampleOf(daemon));
        // in the middle of work
        if (part === 3 && step % 4 === 2) mishaps.kill(step);
      }
      say(this.#line(step));
      while (mishaps.open) {
        this.#trickle();
        await this.#pause();
      }
      // the last step's events are there for what still has to meet one
      if (step < STEPS - 1) mishaps.happen(step);
    }
    this.#add(events - this.#added);
    while (this.#behind(this.#records.standing()) > 0 || mishaps.open) await this.#pause();
    this.samples.push(sampleOf(daemon));
  }

  /** Adds up to this many events, never too many at once. */
  async #goTo(count: number): Promise<void> {
    const { farthestBehind } = this.#parts;
    while (this.#added < count) {
      this.#add(Math.min(AT_ONCE, farthestBehind, count - this.#added));
      while (this.#behind(this.#records.standing()) > farthestBehind) await this.#pause();
    }
  }

  #trickle(): void {
    const now = performance.now();
    if (now - this.#trickledAt < TRICKLE.everyMs) return;
    this.#trickledAt = now;
    this.#add(Math.min(TRICKLE.events, this.#parts.events - this.#added));
  }

  #add(count: number): void {
    if (count <= 0) return;
    this.#parts.site.process.stdin.write(`add ${count}\n`);
    this.#added += count;
  }

  async #pause(): Promise<void> {
    const { brokenOff, daemon, site, mishaps } = this.#parts;
    if (brokenOff.aborted) throw new Error("It was broken off.");
    daemon.check();
    if (site.process.exitCode !== null || site.process.signalCode !== null)
      throw new Error("The site ended.");
    const standing = this.#records.standing();
    const lacking = this.#standstill.at(standing.bytes) ? this.#lacking(standing) : [];
    if (lacking.length > 0) throw new Error(standstillOf(lacking));
    mishaps.tend();
    await wait(50);
  }

  /** Events that the slowest plugin has not had. */
  #behind({ lastIds }: Standing): number {
    const { last, first } = this.range;
    return last - Math.max(first - 1, Math.min(...lastIds));
  }

  #lacking({ lastIds }: Standing): string[] {
    const { first, last } = this.range;
    return lastIds.flatMap((id, i) =>
      id < last ? [`${nameOf(i)} has ${Math.max(0, id - first + 1)} of ${last - first + 1} events`] : [],
    );
  }

  #line(step: number): string {
    const { daemonMb, pythonMb, descriptors, stateMb, journalMb } = this.samples.at(-1)!;
    const { events } = this.#parts;
    const count = (of: number) => of.toLocaleString("en");
    const done = this.#added - this.#behind(this.#records.standing());
    const seconds = (performance.now() - this.#begun) / 1000;
    const toGo = done > 0 ? `, about ${duration((seconds * (events - done)) / done)} to go` : "";
    const memory = `${daemonMb.toFixed(0)} MB and ${pythonMb.toFixed(0)} MB in python`;
    const disk = `state ${stateMb.toFixed(0)} MB, of it the journal ${journalMb.toFixed(0)} MB`;
    const share = `${Math.round((step * 100) / STEPS)}%`.padStart(4);
    return `${share}  ${count(done)} of ${count(events)} events had by all; ${duration(seconds)}${toGo}; ${memory}, ${descriptors} descriptors, ${disk}`;
  }
}

function duration(seconds: number): string {
  return seconds < 90 ? `${seconds.toFixed(0)} s` : `${(seconds / 60).toFixed(0)} min`;
}
