/** What is done to the plugins on the way: files that change, plugins that break and are mended, python processes that are killed. */
import { readdirSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { BenchDaemon } from "../daemon.ts";
import { childrenOf } from "../processes.ts";
import { STANDSTILL_MS } from "../standstill.ts";
import { Observed } from "./observed.ts";
import { fileOf, nameOf, PLUGINS, PYTHON, sourceOf, TYPESCRIPT } from "./plugins.ts";

/** So long a broken plugin stays broken at the least, ms. */
const BROKEN_FOR_MS = 3000;

type Kind = "change" | "break" | "kill";

interface Mishap {
  kind: Kind;
  since: number;
  /** Of the reloads, breaks or exits of this plugin that were seen before it. */
  before: number;
}

const SEEN = { change: "reloads", break: "breaks", kill: "exits" } as const;
const DONE = {
  change: "changed, and was not reloaded",
  break: "was broken, and did not stop",
  kill: "lost its process, and the daemon did not say so",
};

export class Mishaps {
  readonly observed = new Observed((plugin) => this.#asked.has(plugin));
  readonly tried = { change: 0, break: 0, kill: 0 };
  /** What had no effect, in sentences. */
  readonly missed: string[] = [];
  readonly #daemon: BenchDaemon;
  /** By plugin number. */
  readonly #open = new Map<number, Mishap>();
  readonly #asked = new Set<string>();
  #version = 0;

  constructor(daemon: BenchDaemon) {
    this.#daemon = daemon;
  }

  /** Whether the log has not told yet of all that was done. */
  get open(): boolean {
    return this.#open.size > 0;
  }

  /** A file changes at each step; now and then another plugin is broken. */
  happen(step: number): void {
    this.#change(this.#free(step));
    if (step % 3 === 0) this.#break(this.#free(step * 7));
  }

  /** A python process dies. */
  kill(step: number): void {
    const i = this.#free(TYPESCRIPT + (step % PYTHON));
    const pid = this.#processOf(i);
    if (pid === null) this.missed.push(`${nameOf(i)} had no python process to kill`);
    else this.#do("kill", i, () => process.kill(pid, "SIGKILL"));
  }

  /** Looks what has come of it, and mends what the daemon has stopped. */
  tend(): void {
    for (const [i, { kind, since, before }] of this.#open) {
      const seen = this.observed.of(nameOf(i));
      const forMs = performance.now() - since;
      const happened = seen[SEEN[kind]] > before;
      if (!happened && forMs < STANDSTILL_MS) continue;
      if (happened && kind === "break" && forMs < BROKEN_FOR_MS) continue;
      this.#open.delete(i);
      if (!happened) this.missed.push(`${nameOf(i)} ${DONE[kind]} within ${STANDSTILL_MS / 1000} s`);
      // what was killed between two events may have gone on by itself
      if (kind === "break" || seen.stopped || (kind === "kill" && !happened)) this.#change(i);
      else this.#asked.delete(nameOf(i));
    }
  }

  #change(i: number): void {
    this.#do("change", i, () => this.#write(i, false));
  }

  #break(i: number): void {
    this.#do("break", i, () => this.#write(i, true));
  }

  #do(kind: Kind, i: number, act: () => void): void {
    this.tried[kind] += 1;
    if (kind !== "change") this.#asked.add(nameOf(i));
    const before = this.observed.of(nameOf(i))[SEEN[kind]];
    this.#open.set(i, { kind, since: performance.now(), before });
    act();
  }

  #write(i: number, isBroken: boolean): void {
    this.#version += 1;
    writeFileSync(join(this.#daemon.folder, "plugins", fileOf(i)), sourceOf(i, this.#version, isBroken));
  }

  /** The first plugin from there on to which nothing has been done just now; of the same language for those in Python. */
  #free(i: number): number {
    const from = i % PLUGINS;
    const others = Array.from({ length: PLUGINS }, (_, more) => (from + more) % PLUGINS);
    return others.find((one) => !this.#open.has(one) && (from < TYPESCRIPT || one >= TYPESCRIPT)) ?? from;
  }

  /** The one that writes its record. */
  #processOf(i: number): number | null {
    const record = join(this.#daemon.folder, "records", String(i));
    const found = childrenOf(this.#daemon.process.pid!).find((pid) => {
      try {
        const folder = `/proc/${pid}/fd`;
        return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)) === record);
      } catch {
        // it has ended, or has closed a file meanwhile
        return false;
      }
    });
    return found ?? null;
  }
}
