/** Waiting for what other processes write: it ends, whatever they do. */

/** Nothing that works is silent for so long, not on a busy machine either. */
export const STANDSTILL_MS = 120_000;

/** Notices when nothing grows any more. */
export class Standstill {
  readonly #now: () => number;
  #size = -1;
  #since: number;

  /** @param now ms, monotonic */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
    this.#since = now();
  }

  /**
   * Whether it is over: the size has been the same for `STANDSTILL_MS`.
   * @param size of all that is waited for, in bytes; it only ever grows
   */
  at(size: number): boolean {
    const now = this.#now();
    if (size !== this.#size) {
      this.#size = size;
      this.#since = now;
    }
    return now - this.#since >= STANDSTILL_MS;
  }
}

/** A sentence for it. @param has how far each one came, of those that are not done */
export function standstillOf(has: readonly string[]): string {
  const more = has.length > 5 ? `, and ${has.length - 5} more` : "";
  return `Nothing was recorded for ${STANDSTILL_MS / 1000} s, and not all is there: ${has.slice(0, 5).join(", ")}${more}.`;
}
