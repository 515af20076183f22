/** How long the answer to a question is waited for, ms: longer each time it did not come. */
export class Patience {
  #nextMs = FIRST_MS;

  next(): number {
    const ms = this.#nextMs;
    this.#nextMs = Math.min(ms * 2, LONGEST_MS);
    return ms;
  }

  /** It came. */
  answered(): void {
    this.#nextMs = FIRST_MS;
  }
}

const FIRST_MS = 2000;
const LONGEST_MS = 16_000;
