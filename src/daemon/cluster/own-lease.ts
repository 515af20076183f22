/** The lease of a lane, as the lane goes by it; where nobody can take the lane over, it is held for good. */
import type { Lease } from "../../journal/journal.ts";
import { untilAborted } from "../pause.ts";
import { regained } from "./lane-life.ts";

/** Never aborts. */
const FOR_GOOD: AbortSignal = new AbortController().signal;

export class OwnLease {
  readonly #lease: Lease | null;
  readonly #onLapse: () => void;

  /** @param onLapse called before it is waited for */
  constructor(lease: Lease | null, onLapse: () => void) {
    this.#lease = lease;
    this.#onLapse = onLapse;
  }

  /** `Lease.held`. */
  get held(): AbortSignal {
    return this.#lease?.held ?? FOR_GOOD;
  }

  /** `Lease.ended`. */
  get ended(): boolean {
    return this.#lease?.ended ?? false;
  }

  /** Waits while it has run out. @returns whether it is held: false when the signal aborts. @throws STATE_LOCKED when it is another's */
  async regain(signal: AbortSignal): Promise<boolean> {
    while (this.held.aborted && !signal.aborted) {
      this.#onLapse();
      await regained(this.#lease!, signal);
    }
    return !this.held.aborted;
  }

  /** Does what is of use also when it runs out meanwhile: the signal aborts with the one that is given, or when it is another's. */
  async whileOurs<T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    if (this.#lease) void untilEnded(this.#lease, end).then(() => over.abort());
    try {
      return await work(end);
    } finally {
      over.abort();
    }
  }
}

/** Or until the signal aborts, or asking for the lease fails, which whoever goes on by it meets too. Never rejects. */
async function untilEnded(lease: Lease, signal: AbortSignal): Promise<void> {
  try {
    while (!signal.aborted && !lease.ended) {
      await untilAborted(AbortSignal.any([lease.held, signal]));
      if (!signal.aborted) await regained(lease, signal);
    }
  } catch {}
}
