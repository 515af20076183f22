/**
 * Makes what a database has committed outlive a power loss, beside the event loop: the write-ahead log is fsynced by another thread, and
 * only who waits for it waits. Commits of the database itself need no fsync then (`synchronous: NORMAL`).
 */
import { type FileHandle, open } from "node:fs/promises";
import { translated } from "./trouble.ts";

export class LogSync {
  readonly #file: string;
  /** The log is there as long as its database is open. */
  #log: Promise<FileHandle> | null = null;
  #running: Promise<void> | null = null;
  #next: Promise<void> | null = null;

  /** @param file of the database, which is open */
  constructor(file: string) {
    this.#file = file;
  }

  /**
   * Resolves once all that was committed before the call is on the disk. Who asks while one is under way shares the next.
   * @throws STATE_UNUSABLE, from then on always: what an fsync that failed has lost no later one brings back
   */
  done(): Promise<void> {
    this.#next ??= this.#after(this.#running);
    return this.#next;
  }

  async close(): Promise<void> {
    await (this.#next ?? this.#running)?.catch(() => {});
    const log = await this.#log?.catch(() => null);
    await log?.close();
  }

  async #after(before: Promise<void> | null): Promise<void> {
    await before;
    this.#running = this.#next;
    this.#next = null;
    try {
      this.#log ??= open(`${this.#file}-wal`, "r+");
      await (await this.#log).datasync();
    } catch (error) {
      throw translated(asBroken(error), this.#file);
    }
  }
}

/** Also one for want of space: that what is written once more arrives is not certain. */
function asBroken(error: unknown): Error {
  const { message } = error as Error;
  return Object.assign(new Error(`an fsync failed (${message})`, { cause: error }), { syscall: "fsync" });
}
