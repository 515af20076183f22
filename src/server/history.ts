/** How it went: a sample a minute of what was read, delivered and left waiting, kept for twelve hours in memory. */
import type { Daemon } from "../daemon/start.ts";
import { PluginHistory, type PluginSample } from "./plugin-history.ts";

export interface Sample {
  /** ISO 8601 UTC; the end of the minute. */
  at: string;
  /** Events appended to the journal since the sample before. */
  read: number;
  /** Calls of callbacks since the sample before. */
  calls: number;
  /** Events that wait for the plugin that is furthest behind. */
  backlog: number;
  /** Milliseconds that the site took for its last answer; null while it is away. */
  siteMs: number | null;
}

const EVERY_MS = 60_000;
const MOST_SAMPLES = 12 * 60;

export class History {
  readonly #daemon: Pick<Daemon, "status">;
  readonly #plugins: PluginHistory;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  #read: number;
  #calls: number;

  constructor(daemon: Pick<Daemon, "status" | "plugin">, everyMs = EVERY_MS) {
    this.#daemon = daemon;
    this.#plugins = new PluginHistory(daemon, MOST_SAMPLES);
    ({ read: this.#read, calls: this.#calls } = totals(daemon));
    this.#timer = setInterval(() => this.#take(), everyMs).unref();
  }

  /** Oldest first; the last one is of the minute under way. */
  samples(): Sample[] {
    return [...this.#samples, this.#sample()];
  }

  /** Of one plugin, by lane id. */
  samplesOf(id: string): PluginSample[] {
    return this.#plugins.of(id);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #take(): void {
    this.#plugins.take();
    this.#samples.push(this.#sample());
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
    ({ read: this.#read, calls: this.#calls } = totals(this.#daemon));
  }

  #sample(): Sample {
    const { site, plugins } = this.#daemon.status();
    const { read, calls } = totals(this.#daemon);
    return {
      at: new Date().toISOString(),
      read: read - this.#read,
      // the calls of a plugin whose file went are no longer counted
      calls: Math.max(0, calls - this.#calls),
      backlog: Math.max(0, ...plugins.map(({ backlog }) => backlog)),
      siteMs: site.state === "connected" ? site.lastAnswerMs : null,
    };
  }
}

function totals(daemon: Pick<Daemon, "status">): { read: number; calls: number } {
  const { reader, plugins } = daemon.status();
  return { read: reader.events, calls: plugins.reduce((sum, { calls }) => sum + calls, 0) };
}
