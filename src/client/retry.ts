/** When a request is sent again by itself, and after what pause (protocol notes 1.5). */
import { ProtocolError, type ShotgunError, UnreachableError } from "./errors.ts";

/** Attempts count requests in all: 1 means none is repeated. */
export interface RetryOptions {
  /**
   * For HTTP 502 and 504: default 3, with pauses of 0.75 s, 1.5 s, and so on doubling. Writes too, as the official client
   * does, although a gateway that gave up does not know whether the site went on: with 1 no write ever runs twice.
   */
  gatewayAttempts?: number | undefined;
  /** For a secure connection that could not be made: default 3. */
  tlsAttempts?: number | undefined;
  /** Pause between those: default 3000 ms. */
  tlsPauseMs?: number | undefined;
  /** For HTTP 503 and 429: default 5. */
  busyAttempts?: number | undefined;
  /** First pause of those, which doubles each time and varies by a random factor of 0.5 to 1: default 1000 ms. */
  busyPauseMs?: number | undefined;
  /**
   * Longest pause after 503 and 429: default 30,000 ms. A `Retry-After` of the site replaces our own pause; one that is
   * longer than this ends the call at once, with `retryAfterMs` in the error.
   */
  maxPauseMs?: number | undefined;
  /**
   * A connection that ended without a byte of reply leaves open whether the site did the work. Reads are sent once
   * more; writes (create, update, delete, revive, batch) are too only when this is true: default false.
   */
  replayWrites?: boolean | undefined;
}

export type RetryPolicy = { [Key in keyof RetryOptions]-?: NonNullable<RetryOptions[Key]> };

export function retryPolicy(options: RetryOptions = {}): RetryPolicy {
  return {
    gatewayAttempts: options.gatewayAttempts ?? 3,
    tlsAttempts: options.tlsAttempts ?? 3,
    tlsPauseMs: options.tlsPauseMs ?? 3000,
    busyAttempts: options.busyAttempts ?? 5,
    busyPauseMs: options.busyPauseMs ?? 1000,
    maxPauseMs: options.maxPauseMs ?? 30_000,
    replayWrites: options.replayWrites ?? false,
  };
}

type Trouble = "gateway" | "tls" | "busy" | "closed";

/** Counts the failures of one call, each kind for itself, and says how long to pause before the next attempt. */
export class Retries {
  readonly #policy: RetryPolicy;
  readonly #write: boolean;
  readonly #failures: Record<Trouble, number> = { gateway: 0, tls: 0, busy: 0, closed: 0 };

  constructor(policy: RetryPolicy, write: boolean) {
    this.#policy = policy;
    this.#write = write;
  }

  /** Milliseconds until the next attempt; null when this failure is final. */
  pauseAfter(error: ShotgunError): number | null {
    const trouble = troubleOf(error);
    if (trouble === null) return null;
    const failures = ++this.#failures[trouble];
    const policy = this.#policy;
    switch (trouble) {
      case "gateway":
        return failures < policy.gatewayAttempts ? 750 * 2 ** (failures - 1) : null;
      case "tls":
        return failures < policy.tlsAttempts ? policy.tlsPauseMs : null;
      case "busy":
        return failures < policy.busyAttempts ? this.#busyPause(error, failures) : null;
      case "closed":
        return failures < 2 && (!this.#write || policy.replayWrites) ? 0 : null;
    }
  }

  #busyPause(error: ShotgunError, failures: number): number | null {
    const { busyPauseMs, maxPauseMs } = this.#policy;
    const asked = error instanceof ProtocolError ? error.retryAfterMs : null;
    if (asked !== null) return asked <= maxPauseMs ? asked : null;
    const pause = Math.min(busyPauseMs * 2 ** (failures - 1), maxPauseMs);
    // Clients that were turned away together must not come back together.
    return pause * (0.5 + Math.random() / 2);
  }
}

function troubleOf(error: ShotgunError): Trouble | null {
  if (error instanceof UnreachableError) {
    return error.failure === "tls" || error.failure === "closed" ? error.failure : null;
  }
  if (!(error instanceof ProtocolError)) return null;
  if (error.status === 502 || error.status === 504) return "gateway";
  return error.status === 503 || error.status === 429 ? "busy" : null;
}
