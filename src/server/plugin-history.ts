/** How each plugin's calls went: a sample a minute, kept for twelve hours in memory. */
import { CALL_BUCKETS_MS, quantileMs } from "../call-times.ts";
import type { Daemon } from "../daemon/daemon.ts";
import type { LaneDetail } from "../daemon/lane-status.ts";

export interface PluginSample {
  /** ISO 8601 UTC; the end of the minute. */
  at: string;
  /** Calls of its callbacks since the sample before. */
  calls: number;
  /** Milliseconds of those calls; null when there were none. */
  p50Ms: number | null;
  p95Ms: number | null;
  /** Events that wait for it. */
  backlog: number;
}

/** Calls of a plugin, a minute each, oldest first; the last one is under way. */
export interface LastHour {
  /** Of its lane. */
  id: string;
  calls: number[];
}

const HOUR = 60;

interface Known {
  samples: PluginSample[];
  /** Calls by duration at the last sample. */
  counts: number[];
}

export class PluginHistory {
  readonly #daemon: Pick<Daemon, "status" | "plugin">;
  readonly #mostSamples: number;
  /** By lane id. */
  readonly #known = new Map<string, Known>();

  constructor(daemon: Pick<Daemon, "status" | "plugin">, mostSamples: number) {
    this.#daemon = daemon;
    this.#mostSamples = mostSamples;
  }

  take(): void {
    const { plugins } = this.#daemon.status();
    const there = new Set(plugins.map(({ id }) => id));
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    for (const { id } of plugins) {
      const detail = this.#daemon.plugin(id);
      if (!detail) continue;
      const known = this.#known.get(id) ?? { samples: [], counts: [] };
      known.samples.push(sampleOf(detail, known.counts));
      if (known.samples.length > this.#mostSamples) known.samples.shift();
      this.#known.set(id, { ...known, counts: countsOf(detail) });
    }
  }

  lastHour(): LastHour[] {
    return this.#daemon.status().plugins.map(({ id }) => {
      const samples = this.of(id).slice(-HOUR - 1);
      return { id, calls: samples.map(({ calls }) => calls) };
    });
  }

  /** Oldest first; the last one is of the minute under way. */
  of(id: string): PluginSample[] {
    const { samples, counts } = this.#known.get(id) ?? { samples: [], counts: [] };
    const detail = this.#daemon.plugin(id);
    return detail ? [...samples, sampleOf(detail, counts)] : samples;
  }
}

function sampleOf(detail: LaneDetail, before: readonly number[]): PluginSample {
  const counts = countsOf(detail).map((count, bucket) => count - (before[bucket] ?? 0));
  return {
    at: new Date().toISOString(),
    calls: counts.reduce((sum, count) => sum + count, 0),
    p50Ms: quantileMs(counts, 0.5),
    p95Ms: quantileMs(counts, 0.95),
    backlog: detail.backlog,
  };
}

function countsOf({ times }: LaneDetail): number[] {
  const total = new Array<number>(CALL_BUCKETS_MS.length + 1).fill(0);
  for (const { counts } of Object.values(times))
    for (const [bucket, count] of counts.entries()) total[bucket]! += count;
  return total;
}
