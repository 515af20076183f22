import { setTimeout as timer } from "node:timers/promises";

/** Waits; resolves early, without throwing, when the signal aborts. Answers whether the whole time passed. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  try {
    await timer(ms, undefined, { signal });
    return true;
  } catch {
    return false;
  }
}

/** @param over nobody waits for it any more: nothing is left on a signal that outlives the waiting */
export function untilAborted(signal: AbortSignal, over?: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  const options = { once: true, ...(over && { signal: over }) };
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), options));
}

export interface Backoff {
  firstMs: number;
  maxMs: number;
}

/** The pause before repeat number `n` (1, 2, …): doubles up to the cap, then shortened by up to half at random. */
export function backoffMs(
  n: number,
  { firstMs, maxMs }: Backoff,
  random: () => number = Math.random,
): number {
  const full = Math.min(maxMs, firstMs * 2 ** Math.min(n - 1, 30));
  return full * (1 - random() / 2);
}

/** A signal for things waited for in turns: `wait` resolves at the next `wake`, or when the given signal aborts. */
export class Bell {
  #waiting: (() => void)[] = [];

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = () => resolve();
    this.#waiting.push(end);
    signal.addEventListener("abort", end, { once: true });
    await promise;
    signal.removeEventListener("abort", end);
    const at = this.#waiting.indexOf(end);
    if (at >= 0) this.#waiting.splice(at, 1);
  }
}
