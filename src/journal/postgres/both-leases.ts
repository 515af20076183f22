/** A lease that is worth as much as the one it depends on: what is done by it needs both. */
import type { Lease } from "../lease.ts";

export class BothLeases implements Lease {
  readonly #own: Lease;
  readonly #other: Lease;
  #held: { of: readonly [AbortSignal, AbortSignal]; signal: AbortSignal } | null = null;

  /** @param own what is given back when this is; the other stays */
  constructor(own: Lease, other: Lease) {
    this.#own = own;
    this.#other = other;
  }

  get held(): AbortSignal {
    const of = [this.#own.held, this.#other.held] as const;
    if (this.#held?.of[0] !== of[0] || this.#held.of[1] !== of[1])
      this.#held = { of, signal: AbortSignal.any([...of]) };
    return this.#held.signal;
  }

  get ended(): boolean {
    return this.#own.ended || this.#other.ended;
  }

  get sureUntil(): number {
    return Math.min(this.#own.sureUntil, this.#other.sureUntil);
  }

  async sure(): Promise<void> {
    // at the same time: where writes take long, the one would be unsure again when the other is not any more
    do await Promise.all([this.#own.sure(), this.#other.sure()]);
    while (performance.now() >= this.sureUntil);
  }

  release(): Promise<void> {
    return this.#own.release();
  }
}
