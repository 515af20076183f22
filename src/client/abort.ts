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
  #answer: { value: T } | null = null;
  #asking: { promise: Promise<T>; withdraw: AbortController; waiting: number } | null = null;

  constructor(ask: (signal: AbortSignal) => Promise<T>) {
    this.#ask = ask;
  }

  /** @param failure makes what is thrown when `signal` fires first */
  async get(signal: AbortSignal | undefined, failure: () => Error): Promise<T> {
    if (this.#answer) return this.#answer.value;
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
    this.#answer = { value };
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
