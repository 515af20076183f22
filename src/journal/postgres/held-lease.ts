/** A lease as its owner has it: it ends on the owner's own clock, and is renewed before it does. */
import { setTimeout as wait } from "node:timers/promises";
import { CallsheetError } from "../../errors.ts";
import type { Lease } from "../lease.ts";

export interface LeaseParts {
  /** How long it lasts, ms. */
  ms: number;
  /** When the write that took it was sent, by `performance.now()`. */
  sentAt: number;
  /** Writes its record, changed or not; tells `renewed`. Waits for a database that is away. */
  write(): Promise<void>;
  /** Gives it back, with what is not stored yet. */
  giveBack(): Promise<void>;
}

/** It is renewed when this part of it is over. */
const RENEW_AT = 1 / 3;
/** Nothing new begins when this part of it is over. */
const SURE_UNTIL = 2 / 3;
/** After a write that failed, the next is tried this part of it later. */
const AGAIN_AFTER = 1 / 15;

export class HeldLease implements Lease {
  readonly #parts: LeaseParts;
  #sentAt: number;
  #held = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #writing = false;
  #lost: Error | null = null;
  #ended = false;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
    this.#sentAt = parts.sentAt;
    this.#wait();
  }

  get held(): AbortSignal {
    // a process that was frozen has not heard its timers yet
    if (this.#over(1)) this.#expire();
    return this.#held.signal;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get sureUntil(): number {
    return this.#sentAt + this.#parts.ms * SURE_UNTIL;
  }

  /** A write that was sent at this time has succeeded. */
  renewed(sentAt: number): void {
    if (this.#ended) return;
    this.#sentAt = Math.max(this.#sentAt, sentAt);
    if (this.#held.signal.aborted && !this.#over(1)) this.#held = new AbortController();
  }

  /** It is another's by now. */
  lose(error: Error): void {
    this.#lost = error;
    this.#end(error);
  }

  async sure(): Promise<void> {
    while (this.#over(SURE_UNTIL) || this.#ended) {
      if (this.#ended) throw this.#lost ?? given();
      await this.#parts.write().catch((error) => this.#waitIfFull(error));
    }
  }

  /** It is tried again when there may be room on the disk of the database. */
  async #waitIfFull(error: unknown): Promise<void> {
    if (!(error instanceof CallsheetError) || error.code !== "STATE_FULL") throw error;
    await wait(this.#parts.ms * AGAIN_AFTER, undefined, { ref: false });
  }

  async release(): Promise<void> {
    if (this.#ended) return;
    try {
      await this.#parts.giveBack();
    } finally {
      this.#end(given());
    }
  }

  /** Lets go of it without telling anybody, as a death would. */
  drop(): void {
    this.#end(given());
  }

  #over(part: number): boolean {
    return performance.now() - this.#sentAt >= this.#parts.ms * part;
  }

  #expire(): void {
    if (!this.#held.signal.aborted) this.#held.abort(new Error("the lease has run out"));
  }

  #end(why: Error): void {
    this.#ended = true;
    if (this.#timer) clearTimeout(this.#timer);
    if (!this.#held.signal.aborted) this.#held.abort(why);
  }

  #tick(): void {
    if (this.#ended) return;
    if (this.#over(1)) this.#expire();
    if (this.#over(RENEW_AT)) this.#renew();
    this.#wait();
  }

  #renew(): void {
    if (this.#writing) return;
    this.#writing = true;
    this.#parts
      .write()
      // whoever needs the lease meets the trouble itself
      .catch(() => {})
      .finally(() => {
        this.#writing = false;
      });
  }

  /** One timer for its whole life: it looks now and then, however often the record is written meanwhile. */
  #wait(): void {
    const { ms } = this.#parts;
    const age = performance.now() - this.#sentAt;
    const again = ms * AGAIN_AFTER;
    const inMs = age < ms * RENEW_AT ? ms * RENEW_AT - age : age < ms ? Math.min(again, ms - age) : again;
    this.#timer = setTimeout(() => this.#tick(), Math.ceil(inMs)).unref();
  }
}

function given(): CallsheetError {
  return new CallsheetError(
    "STATE_LOCKED",
    "The lease was given back; nothing may be stored by it any more.",
  );
}
