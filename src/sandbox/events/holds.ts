/** A write that was told to commit late. */
export interface Hold {
  /** Resolves when the hold has ended, either way. */
  readonly released: Promise<void>;
  /** Lets the write commit; without a write yet, ends the hold. */
  release(): void;
  /** Rolls the write back: its ids stay a gap. */
  abandon(): void;
}

export type HoldEnd = "released" | "abandoned";

/** A hold as the write that meets it sees it. */
export interface ArmedHold {
  readonly ended: Promise<HoldEnd>;
}

/** The holds that wait for a write, in the order of arming. */
export class Holds {
  readonly #armed: ArmedHold[] = [];

  arm(): Hold {
    const { promise: ended, resolve } = Promise.withResolvers<HoldEnd>();
    const armed: ArmedHold = { ended };
    this.#armed.push(armed);
    const end = (how: HoldEnd) => {
      this.take(armed);
      resolve(how);
    };
    return {
      released: ended.then(() => {}),
      release: () => end("released"),
      abandon: () => end("abandoned"),
    };
  }

  /** The hold that the next write meets. */
  get next(): ArmedHold | undefined {
    return this.#armed[0];
  }

  /** This hold has met its write, or has ended. */
  take(hold: ArmedHold): void {
    const at = this.#armed.indexOf(hold);
    if (at >= 0) this.#armed.splice(at, 1);
  }
}
