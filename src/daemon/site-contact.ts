/** Asking the site until it answers, and knowing since when it does not. */

import type { ProtocolError } from "../client/errors.ts";
import { asError, CallsheetError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { Happenings } from "./happenings.ts";
import { backoffMs, pause } from "./pause.ts";

/** The longest silence between two answers that still counts as time in which the site could be asked. */
const LONGEST_STEP_MS = 30_000;
/** A site's Retry-After is kept to, up to here. */
const LONGEST_WISH_MS = 5 * 60_000;

/**
 * Milliseconds for which the site has been answering: monotonic, and standing still through outages, so that patience with
 * a gap is spent only while somebody could have filled it.
 */
export class SiteClock {
  #elapsed = 0;
  #answeredAt: number | null = null;

  now(): number {
    return this.#elapsed;
  }

  answered(): void {
    const now = performance.now();
    if (this.#answeredAt !== null) this.#elapsed += Math.min(now - this.#answeredAt, LONGEST_STEP_MS);
    this.#answeredAt = now;
  }

  /** It stands still until the next answer. */
  pause(): void {
    this.#answeredAt = null;
  }
}

export interface ContactStatus {
  state: "never" | "connected" | "unreachable";
  /** Since when, ISO 8601 UTC. */
  since: string | null;
  /** Time of the last answer. */
  lastAnswerAt: string | null;
  lastError: string | null;
  /** Questions that failed since the last answer. */
  failures: number;
  /** Questions since the start: how many were answered, how many failed. */
  answers: number;
  failedQuestions: number;
  /** Milliseconds that the last answer took; null before the first. */
  lastAnswerMs: number | null;
}

/** Of a site that nobody has asked yet. */
export const NEVER_ASKED: Readonly<ContactStatus> = {
  state: "never",
  since: null,
  lastAnswerAt: null,
  lastError: null,
  failures: 0,
  answers: 0,
  failedQuestions: 0,
  lastAnswerMs: null,
};

export class SiteContact {
  readonly #log: Log;
  readonly #clock: SiteClock;
  readonly #happenings: Happenings;
  readonly #random: () => number;
  #status: ContactStatus = NEVER_ASKED;
  /** When the first question failed since the last answer, by a monotonic clock. */
  #failedAt: number | null = null;

  constructor(options: { log: Log; clock: SiteClock; happenings: Happenings; random?: () => number }) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#happenings = options.happenings;
    this.#random = options.random ?? Math.random;
  }

  status(): ContactStatus {
    return { ...this.#status };
  }

  /** For how long it has not answered: since the first question that failed; 0 while it does. */
  get awayMs(): number {
    return this.#failedAt === null ? 0 : performance.now() - this.#failedAt;
  }

  /**
   * Repeats the question until it is answered; rejects only when the signal aborts, with its reason. `tookMs` tells how long the
   * site took for an answer; default: as long as it was waited for here.
   */
  async ask<T>(
    question: (signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
    tookMs?: (answer: T) => number,
  ): Promise<T> {
    for (;;) {
      signal.throwIfAborted();
      try {
        const began = performance.now();
        const answer = await question(signal);
        this.#answered(tookMs?.(answer) ?? performance.now() - began);
        return answer;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof CallsheetError && error.code.startsWith("STATE_")) throw error;
        const wait = this.#failed(error);
        await pause(wait, signal);
      }
    }
  }

  #answered(lastAnswerMs: number): void {
    this.#clock.answered();
    this.#failedAt = null;
    const now = new Date().toISOString();
    if (this.#status.state === "unreachable") {
      const { failures } = this.#status;
      const afterMs = Date.now() - Date.parse(this.#status.since!);
      const seconds = Math.round(afterMs / 1000);
      this.#log.warn(`the site answers again after ${seconds} s and ${failures} failed attempts`);
      this.#happenings.tell({ kind: "site_found", afterMs, failures });
    }
    const since = this.#status.state === "connected" ? this.#status.since : now;
    const { answers, failedQuestions } = this.#status;
    this.#status = {
      state: "connected",
      since,
      lastAnswerAt: now,
      lastError: null,
      failures: 0,
      answers: answers + 1,
      failedQuestions,
      lastAnswerMs,
    };
  }

  /** Answers how long to wait. */
  #failed(thrown: unknown): number {
    const error = asError(thrown);
    this.#clock.pause();
    this.#failedAt ??= performance.now();
    const failures = this.#status.failures + 1;
    const since = this.#status.state === "unreachable" ? this.#status.since : new Date().toISOString();
    const failedQuestions = this.#status.failedQuestions + 1;
    this.#status = {
      ...this.#status,
      state: "unreachable",
      since,
      lastError: error.message,
      failures,
      failedQuestions,
    };
    const wait = Math.max(
      backoffMs(failures, { firstMs: 500, maxMs: patience(error) }, this.#random),
      Math.min(wishOf(error), LONGEST_WISH_MS),
    );
    const code = error instanceof CallsheetError ? error.code : "INTERNAL";
    const hint = error instanceof CallsheetError && error.hint ? ` ${error.hint}` : "";
    const message = `the site cannot be asked: ${error.message}${hint} Trying again in ${(wait / 1000).toFixed(1)} s.`;
    if (failures === 1) this.#happenings.tell({ kind: "site_lost", code, message: error.message });
    // the first failures, then one in every ten: an outage of a day must not fill the disk
    if (failures <= 3 || failures % 10 === 0) {
      this.#log.at(failures === 1 ? "warn" : "error", message, {
        kind: "site_away",
        code,
        failures,
        ...(code === "INTERNAL" && error.stack ? { stack: error.stack } : {}),
      });
    }
    return wait;
  }
}

/** The site's own Retry-After, if it sent one. */
function wishOf(error: Error & Partial<Pick<ProtocolError, "retryAfterMs">>): number {
  return error.retryAfterMs ?? 0;
}

/** Wrong credentials do not mend by themselves within seconds. */
function patience(error: Error): number {
  return error instanceof CallsheetError && error.code === "SITE_AUTHENTICATION" ? 60_000 : 15_000;
}
