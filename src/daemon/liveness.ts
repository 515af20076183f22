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
   * goes on asking, and waits on purpose for room.
   * @param now a monotonic clock, ms
   */
  stuck({ site, reader }: Pick<DaemonStatus, "site" | "reader">, now = performance.now()): string | null {
    const questions = site.answers + site.failedQuestions;
    if (questions !== this.#questions || reader.diskFull) {
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
