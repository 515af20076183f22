/** For how long the oldest event has been waiting for a lane: by our own clock, since the journal got it. */

/** Samples of the journal's head in the time that matters. */
const SAMPLES = 16;

export class Lag {
  readonly #everyMs: number;
  /** Ascending. Events up to `seq` were there at `at`. */
  readonly #samples: { at: number; seq: number }[] = [];

  /** @param spanMs the longest lag that has to be told apart, milliseconds */
  constructor(spanMs: number) {
    this.#everyMs = spanMs / (SAMPLES / 2);
  }

  /** To be called often; `now` is monotonic milliseconds. */
  sample(lastSeq: number, now: number): void {
    const newest = this.#samples.at(-1);
    if (newest && (newest.seq === lastSeq || now - newest.at < this.#everyMs)) return;
    this.#samples.push({ at: now, seq: lastSeq });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
  }

  /** Milliseconds that a lane is behind at least; 0 when it has had all that was there at a sample. */
  of(doneSeq: number, now: number): number {
    const missed = this.#samples.find(({ seq }) => seq > doneSeq);
    return missed ? now - missed.at : 0;
  }
}
