/**
 * Writes of many lanes, gathered into one transaction per turn of the event loop. A promise resolves after its commit.
 */
import type { Database } from "./database.ts";

interface Write {
  work: () => void;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export interface CommitHooks {
  /** Called inside each transaction, after the writes: stores what was announced by `lazily`, and whatever else is due. */
  also(): void;
  committed(): void;
  /** Whether a transaction that is reported as failed is done all the same; false where nothing tells. */
  isDone(): boolean;
  /** The transaction was taken back. */
  failed(): void;
}

/** A change that nobody waits for is stored at the latest after this time, in ms. */
const LAZY_DELAY = 500;

export class Commits {
  readonly #database: Database;
  readonly #hooks: CommitHooks;
  #writes: Write[] = [];
  #fsync = false;
  #scheduled = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(database: Database, hooks: CommitHooks) {
    this.#database = database;
    this.#hooks = hooks;
  }

  /** `fsync`: the write also outlives a power loss. */
  add(work: () => void, { fsync = false } = {}): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#writes.push({ work, resolve, reject });
    this.#fsync ||= fsync;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.flush());
    }
    return promise;
  }

  /** There is something for `also` to store. */
  lazily(): void {
    this.#timer ??= setTimeout(() => this.flush(), LAZY_DELAY).unref();
  }

  /** Commits everything gathered. Those who wait get the error; what is lazy comes back with the next flush. */
  flush(): void {
    this.#scheduled = false;
    const writes = this.#writes;
    const lazy = this.#timer !== null;
    this.stop();
    if (writes.length === 0 && !lazy) return;
    this.#writes = [];
    try {
      this.#commit(writes);
    } catch (error) {
      if (!this.#hooks.isDone()) {
        this.#tookBack(writes, lazy, error);
        return;
      }
    }
    this.#hooks.committed();
    for (const { resolve } of writes) resolve();
  }

  #tookBack(writes: readonly Write[], lazy: boolean, error: unknown): void {
    this.#hooks.failed();
    if (lazy) this.lazily();
    for (const { reject } of writes) reject(error);
  }

  /** Nothing lazy is stored any more. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #commit(writes: readonly Write[]): void {
    const fsync = this.#fsync;
    this.#fsync = false;
    if (fsync) this.#database.synchronous("FULL");
    try {
      this.#database.transaction(() => {
        for (const { work } of writes) work();
        this.#hooks.also();
      });
    } finally {
      if (fsync) this.#database.synchronous("NORMAL");
    }
  }
}
