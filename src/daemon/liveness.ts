/** Whether the flow still turns: a daemon may answer, and its reader wait for something that never comes. */
import type { DaemonStatus } from "./status.ts";

export interface LivenessOptions {
  /** Longest wait for one answer of the site. */
  siteTimeoutMs: number;
  fetchIntervalMs: number;
}

/** The longest pause between two questions to a site that is away: its own wish is kept to up to here. */
const LONGEST_PAUSE_MS = 5 * 60_000;
/** For a machine that is busy. */
const GRACE_MS = 60_000;

export class Liveness {
  readonly #limitMs: number;
  #questions = -1;
  #changedAt = 0;

  constructor({ siteTimeoutMs, fetchIntervalMs }: LivenessOptions) {
    this.#limitMs = siteTimeoutMs + fetchIntervalMs + LONGEST_PAUSE_MS + GRACE_MS;
  }

  /**
   * Why a new start is the only help, or null. A site that is away, a full disk and plugins that hang are no reason: the reader
   * goes on asking, and waits on purpose for room. Nor is it that another host of a cluster reads, or that its database takes nothing.
   * @param now a monotonic clock, ms
   */
  stuck(status: Pick<DaemonStatus, "site" | "reader" | "cluster">, now = performance.now()): string | null {
    const { site } = status;
    const questions = site.answers + site.failedQuestions;
    if (questions !== this.#questions || waitsOnPurpose(status)) {
      this.#questions = questions;
      this.#changedAt = now;
      return null;
    }
    const silentMs = now - this.#changedAt;
    return silentMs > this.#limitMs
      ? `the reader has had neither an answer nor a failure for ${Math.round(silentMs / 1000)} s`
      : null;
  }
}

function waitsOnPurpose({ reader, cluster }: Pick<DaemonStatus, "reader" | "cluster">): boolean {
  if (reader.diskFull) return true;
  return (
    !!cluster && (cluster.reader !== cluster.host || (cluster.awaySince ?? cluster.readOnlySince) !== null)
  );
}
