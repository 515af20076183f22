/**
 * The way to one site, shared by all who use a transport: so many requests at a time, and when the site turns one away
 * with 503 or 429, all hold back together, and then one goes first to see.
 */
import { retryAfterMs } from "./retry-after.ts";
import type { WireReply } from "./transport.ts";

export interface GateOptions {
  /** Requests under way at most; further ones wait in the order they came. */
  limit: number;
  /** First time of holding back, milliseconds; doubles while the site keeps turning requests away. 0: never hold back. */
  holdMs: number;
  /** Longest time of holding back, milliseconds, also when a `Retry-After` asks for more. */
  maxHoldMs: number;
}

/** What a reply must tell. */
type Head = Pick<WireReply, "status" | "headers">;

/** Leave to send; `first` for the one that goes to see whether the site is back. Or the refusal that one got. */
type Turn<Reply> = { first: boolean } | { refusal: Reply };

export class SiteGate<Reply extends Head> {
  readonly #options: GateOptions;
  readonly #waiting = new Set<(turn: Turn<Reply>) => void>();
  #underWay = 0;
  #refusals = 0;
  /** Until when the site is left alone; null while it takes requests. */
  #restUntil: number | null = null;
  #trying = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /**
   * Sends when it is this request's turn. One that waits while the site is left alone gets, as its own, the refusal of
   * the one that went first: so each call counts its tries, and the site sees one of them.
   * @param send resolves as soon as the reply's head is known; `done` must be called when its connection is free
   * @param share makes of another's refusal one of one's own
   */
  async run(
    send: (done: () => void) => Promise<Reply>,
    share: (refusal: Reply) => Reply,
    signal?: AbortSignal,
  ): Promise<Reply> {
    const turn = await this.#turn(signal);
    if ("refusal" in turn) return share(turn.refusal);
    let over = false;
    const done = () => {
      if (over) return;
      over = true;
      this.#underWay--;
      this.#next();
    };
    try {
      const reply = await send(done);
      this.#learn(reply, turn.first);
      return reply;
    } catch (error) {
      // A request that broke does not say that the site is busy.
      if (turn.first) this.#welcome();
      done();
      throw error;
    }
  }

  #turn(signal: AbortSignal | undefined): Promise<Turn<Reply>> {
    signal?.throwIfAborted();
    if (this.#waiting.size === 0 && this.#isOpen()) return Promise.resolve(this.#grant());
    return new Promise((resolve, reject) => {
      const take = (turn: Turn<Reply>) => {
        signal?.removeEventListener("abort", leave);
        resolve(turn);
      };
      const leave = () => {
        this.#waiting.delete(take);
        if (this.#waiting.size === 0) this.#stopTimer();
        reject(signal?.reason);
      };
      this.#waiting.add(take);
      signal?.addEventListener("abort", leave, { once: true });
      this.#next();
    });
  }

  #isOpen(): boolean {
    if (this.#restUntil !== null && (this.#trying || performance.now() < this.#restUntil)) return false;
    return this.#underWay < this.#options.limit;
  }

  #grant(): { first: boolean } {
    const first = this.#restUntil !== null;
    if (first) this.#trying = true;
    this.#underWay++;
    return { first };
  }

  #next(): void {
    for (const take of this.#waiting) {
      if (!this.#isOpen()) break;
      this.#waiting.delete(take);
      take(this.#grant());
    }
    if (this.#waiting.size > 0 && this.#restUntil !== null && !this.#trying) this.#wakeAt(this.#restUntil);
  }

  #learn(reply: Reply, first: boolean): void {
    const refused = reply.status === 503 || reply.status === 429;
    if (!refused || this.#options.holdMs === 0) {
      // A late success of a request from before the refusal does not say that the site is well again.
      if (first) this.#welcome();
      return;
    }
    // Those that were under way together are turned away together, and count as one refusal.
    if (this.#restUntil !== null && !first) return;
    this.#restUntil = performance.now() + this.#holdFor(reply);
    this.#refusals++;
    if (!first) return;
    this.#trying = false;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    this.#stopTimer();
    for (const take of waiting) take({ refusal: reply });
  }

  #holdFor(reply: Reply): number {
    const { holdMs, maxHoldMs } = this.#options;
    const asked = retryAfterMs(reply.headers["retry-after"]) ?? 0;
    return Math.min(Math.max(asked, holdMs * 2 ** this.#refusals), maxHoldMs);
  }

  #welcome(): void {
    this.#restUntil = null;
    this.#trying = false;
    this.#refusals = 0;
    this.#stopTimer();
    this.#next();
  }

  // Only while somebody waits, so that an idle process can end.
  #wakeAt(time: number): void {
    this.#timer ??= setTimeout(
      () => {
        this.#timer = null;
        this.#next();
      },
      Math.max(1, Math.ceil(time - performance.now())),
    );
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
