/**
 * Makes what a database has committed outlive a power loss, beside the event loop: the write-ahead log is fsynced by another thread, and
 * only who waits for it waits. Commits of the database itself need no fsync then (`synchronous: NORMAL`).
 */
import { closeSync, fdatasync, fdatasyncSync, openSync } from "node:fs";
import { translated } from "./trouble.ts";

/** Node has few threads for files, and a share that hangs may hold all of them: after this time it is done in the event loop, ms. */
const BESIDE_MS = 1000;

export class LogSync {
  readonly #file: string;
  /** Descriptor of the log, which is there as long as its database is open. */
  #log: number | null = null;
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
    if (this.#log !== null) closeSync(this.#log);
    this.#log = null;
  }

  async #after(before: Promise<void> | null): Promise<void> {
    await before;
    this.#running = this.#next;
    this.#next = null;
    try {
      this.#log ??= openSync(`${this.#file}-wal`, "r+");
      await datasync(this.#log);
    } catch (error) {
      throw translated(asBroken(error), this.#file);
    }
  }
}

function datasync(log: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      try {
        resolve(fdatasyncSync(log));
      } catch (error) {
        reject(error);
      }
    }, BESIDE_MS);
    fdatasync(log, (error) => {
      clearTimeout(late);
      if (error) reject(error);
      else resolve();
    });
  });
}

/** Also one for want of space: that what is written once more arrives is not certain. */
function asBroken(error: unknown): Error {
  const { message } = error as Error;
  return Object.assign(new Error(`an fsync failed (${message})`, { cause: error }), { syscall: "fsync" });
}
