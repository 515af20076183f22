/** Waiting that a signal can end. */

/** The promise's outcome; as soon as the signal fires, what `failure` makes is thrown instead. */
export async function interruptible<T>(
  promise: Promise<T>,
  signal: AbortSignal | undefined,
  failure: () => Error,
): Promise<T> {
  if (!signal) return promise;
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const stop = () => reject(failure());
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  // The loser of the race must not become an unhandled rejection.
  promise.catch(() => {});
  try {
    return await Promise.race([promise, stopped]);
  } catch (error) {
    throw signal.aborted ? failure() : error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/**
 * Something asked for once, for all who want it. A failure is forgotten, so that the next one asks again; when all who
 * wait have lost interest, the question is withdrawn.
 */
export class AskOnce<T> {
  readonly #ask: (signal: AbortSignal) => Promise<T>;
  readonly #keepMs: number;
  #answer: { value: T; at: number } | null = null;
  #asking: { promise: Promise<T>; withdraw: AbortController; waiting: number } | null = null;

  /** @param keepMs after so long the next one asks again, milliseconds of the wall clock; default: never */
  constructor(ask: (signal: AbortSignal) => Promise<T>, keepMs = Number.POSITIVE_INFINITY) {
    this.#ask = ask;
    this.#keepMs = keepMs;
  }

  /** @param failure makes what is thrown when `signal` fires first */
  async get(signal: AbortSignal | undefined, failure: () => Error): Promise<T> {
    if (this.#answer && Date.now() - this.#answer.at < this.#keepMs) return this.#answer.value;
    this.#asking ??= this.#begin();
    const asking = this.#asking;
    asking.waiting++;
    try {
      return await interruptible(asking.promise, signal, failure);
    } finally {
      asking.waiting--;
      if (asking.waiting === 0 && this.#asking === asking) this.#end(asking.withdraw);
    }
  }

  set(value: T): void {
    this.#answer = { value, at: Date.now() };
  }

  #begin() {
    const withdraw = new AbortController();
    const promise = this.#ask(withdraw.signal).then((value) => {
      this.set(value);
      return value;
    });
    return { promise, withdraw, waiting: 0 };
  }

  #end(withdraw: AbortController): void {
    this.#asking = null;
    withdraw.abort();
  }
}
