/** How webhooks are bounded (protocol notes 10.3). */
import { setTimeout as pause } from "node:timers/promises";

export interface WebhookLimits {
  /** Time to answer one event, milliseconds. Default 6000. */
  timeoutMs: number;
  /** A batch may take this long for each of its events, when that is more. Default 1000. */
  timeoutEachMs: number;
  /** Pauses before a delivery that failed is sent again, milliseconds. Default 1000 and 5000: three attempts. */
  retryMs: readonly number[];
  /** Response time of all webhooks together in one window, milliseconds. Default 60000. */
  budgetMs: number;
  /** Default 60000. */
  windowMs: number;
  /** Deliveries that may fail within 24 hours; then the webhook is switched off. Default 100. */
  failures: number;
  /** Largest body of one event, in bytes; what is larger goes without old and new value. Default 1 MB. */
  bodyBytes: number;
}

export const defaultLimits: WebhookLimits = {
  timeoutMs: 6000,
  timeoutEachMs: 1000,
  retryMs: [1000, 5000],
  budgetMs: 60_000,
  windowMs: 60_000,
  failures: 100,
  bodyBytes: 1024 * 1024,
};

/** The response time that all webhooks of a site have used lately. */
export class Throttle {
  readonly #limits: WebhookLimits;
  #spent: { at: number; ms: number }[] = [];

  constructor(limits: WebhookLimits) {
    this.#limits = limits;
  }

  /** @param ms how long an answer took */
  spend(ms: number): void {
    this.#spent.push({ at: performance.now(), ms });
  }

  /** Resolves once there is time left; rejects when the signal aborts. */
  async ready(signal: AbortSignal): Promise<void> {
    for (let wait = this.#wait(); wait > 0; wait = this.#wait())
      await pause(Math.max(1, wait), undefined, { signal });
  }

  /** Milliseconds until enough of the window has gone by; 0 when there is time left. */
  #wait(): number {
    const { budgetMs, windowMs } = this.#limits;
    const now = performance.now();
    this.#spent = this.#spent.filter(({ at }) => now - at < windowMs);
    let over = this.#spent.reduce((sum, { ms }) => sum + ms, 0) - budgetMs;
    if (over < 0) return 0;
    for (const { at, ms } of this.#spent) {
      over -= ms;
      if (over < 0) return at + windowMs - now;
    }
    return 0;
  }
}
