/**
 * Ends threads whose buffers grow past the limit within one call of a callback. V8's heap limit does not count buffers, and
 * the guest looks at them only between events.
 */
import type { PluginThread } from "./thread.ts";

const LOOK_EVERY_MS = 500;
/** A call that takes no longer than this is left to the guest's own look. */
const LONG_CALL_MS = 250;

export class MemoryWatch {
  readonly #limitBytes: number;
  readonly #threads = new Set<PluginThread>();
  #timer: NodeJS.Timeout | null = null;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  add(thread: PluginThread): void {
    this.#threads.add(thread);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS).unref();
    void thread.gone.then(() => this.#remove(thread));
  }

  #remove(thread: PluginThread): void {
    this.#threads.delete(thread);
    if (this.#threads.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    for (const thread of this.#threads) {
      const call = thread.inHand();
      if (call && call.forMs > LONG_CALL_MS) void thread.endAbove(this.#limitBytes);
    }
  }
}
