/** How it went: a sample a minute of what was read, delivered and left waiting, kept for twelve hours in memory. */
import type { Daemon } from "../daemon/daemon.ts";
import { type LastHour, PluginHistory, type PluginSample } from "./plugin-history.ts";

export interface Sample {
  /** ISO 8601 UTC; the end of the minute. */
  at: string;
  /** Events appended to the journal since the sample before. */
  read: number;
  /** Calls of callbacks since the sample before. */
  calls: number;
  /** Events that wait for the plugin that is furthest behind. */
  backlog: number;
  /**
   * How late events were, in milliseconds: the age of the oldest that waited for a plugin which nobody had paused; or, while the site
   * did not answer, the time since it last did, where that is more. null: it could not be found out.
   */
  lagMs: number | null;
  /** Milliseconds that the site took for its last answer; null while it is away. */
  siteMs: number | null;
}

const EVERY_MS = 60_000;
const MOST_SAMPLES = 12 * 60;

export class History {
  readonly #daemon: Pick<Daemon, "status" | "answers">;
  readonly #plugins: PluginHistory;
  readonly #samples: Sample[] = [];
  readonly #timer: NodeJS.Timeout;
  #read: number;
  #calls: number;

  constructor(daemon: Pick<Daemon, "status" | "plugin" | "answers">, everyMs = EVERY_MS) {
    this.#daemon = daemon;
    this.#plugins = new PluginHistory(daemon, MOST_SAMPLES);
    ({ read: this.#read, calls: this.#calls } = totals(daemon));
    this.#timer = setInterval(() => void this.#take(), everyMs).unref();
  }

  /** Oldest first; the last one is of the minute under way. */
  async samples(): Promise<Sample[]> {
    const lagMs = await this.#lag();
    return [...this.#samples, this.#sample(lagMs)];
  }

  /** Of one plugin, by lane id. */
  samplesOf(id: string): PluginSample[] {
    return this.#plugins.of(id);
  }

  /** Of every plugin that runs. */
  lastHour(): LastHour[] {
    return this.#plugins.lastHour();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #take(): Promise<void> {
    const lagMs = await this.#lag();
    this.#plugins.take();
    this.#samples.push(this.#sample(lagMs));
    if (this.#samples.length > MOST_SAMPLES) this.#samples.shift();
    ({ read: this.#read, calls: this.#calls } = totals(this.#daemon));
  }

  async #lag(): Promise<number | null> {
    const { site, plugins } = this.#daemon.status();
    const waiting = plugins.filter(({ backlog, paused }) => backlog > 0 && !paused);
    const furthest = Math.min(...waiting.map(({ doneSeq }) => doneSeq));
    const silence =
      site.state === "unreachable" && site.lastAnswerAt !== null
        ? Math.max(0, Date.now() - Date.parse(site.lastAnswerAt))
        : 0;
    if (waiting.length === 0) return silence;
    // the journal may be closed by now
    const { ageMs } = await this.#daemon.answers
      .backlog({ doneSeq: furthest })
      .catch(() => ({ ageMs: null }));
    return ageMs === null ? null : Math.max(ageMs, silence);
  }

  #sample(lagMs: number | null): Sample {
    const { site, plugins } = this.#daemon.status();
    const { read, calls } = totals(this.#daemon);
    return {
      at: new Date().toISOString(),
      read: read - this.#read,
      // the calls of a plugin whose file went are no longer counted
      calls: Math.max(0, calls - this.#calls),
      backlog: Math.max(0, ...plugins.map(({ backlog }) => backlog)),
      lagMs,
      siteMs: site.state === "connected" ? site.lastAnswerMs : null,
    };
  }
}

function totals(daemon: Pick<Daemon, "status">): { read: number; calls: number } {
  const { reader, plugins } = daemon.status();
  return { read: reader.events, calls: plugins.reduce((sum, { calls }) => sum + calls, 0) };
}
