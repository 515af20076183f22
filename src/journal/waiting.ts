/** Those who wait for the journal to grow. */
interface Waiter {
  afterSeq: number;
  resolve: () => void;
}

export class Waiting {
  readonly #waiters = new Set<Waiter>();

  /** Resolves at the first `grown(lastSeq)` with `lastSeq > afterSeq`; rejects with the signal's reason. */
  until(afterSeq: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
      };
      const waiter: Waiter = {
        afterSeq,
        resolve: () => {
          signal.removeEventListener("abort", abort);
          resolve();
        },
      };
      if (signal.aborted) return abort();
      signal.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
    });
  }

  grown(lastSeq: number): void {
    for (const waiter of this.#waiters) {
      if (lastSeq <= waiter.afterSeq) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
