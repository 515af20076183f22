import type { Log, LogFields } from "../log/log.ts";
import { isFull } from "./cluster/locked.ts";
import { pause } from "./pause.ts";

const AGAIN_MS = 5000;

/**
 * A full disk is waited for: nothing is lost meanwhile, since the site keeps its log and the journal its events. Says so at each
 * attempt, and to `told` when it begins and ends. Rejects with anything else that `write` rejects with, and with STATE_FULL when the signal aborts.
 */
export async function whileDiskIsFull<T>(
  write: () => Promise<T>,
  log: Log,
  signal: AbortSignal,
  told: (full: boolean) => void = () => {},
): Promise<T> {
  for (;;) {
    try {
      const result = await write();
      told(false);
      return result;
    } catch (error) {
      if (!isFull(error)) throw error;
      told(true);
      log.critical(`${error.message} No event is lost; trying again in ${AGAIN_MS / 1000} s.`, {
        code: error.code,
      });
      if (!(await pause(AGAIN_MS, signal))) throw error;
    }
  }
}

/** The same for what need not be stored any more once the signal aborts. @returns whether it was stored */
export async function storedUnless(
  signal: AbortSignal,
  write: () => Promise<unknown>,
  log: Log,
): Promise<boolean> {
  try {
    await whileDiskIsFull(write, log, signal);
    return true;
  } catch (error) {
    if (!signal.aborted || !isFull(error)) throw error;
    return false;
  }
}

/**
 * What is tried again at the next look, since the disk is full, while all that runs goes on. It is told as often as a wait for the disk is,
 * however often looks come.
 */
export class AtNextLook {
  readonly #log: Log;
  readonly #toldAt = new Map<string, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  /**
   * Rejects with anything but STATE_FULL that `work` rejects with.
   * @param what says what is not done, and is followed by why
   * @returns whether it was done
   */
  async done(what: string, work: () => Promise<void>, fields: LogFields = {}): Promise<boolean> {
    try {
      await work();
      this.#toldAt.delete(what);
      return true;
    } catch (error) {
      if (!isFull(error)) throw error;
      const now = performance.now();
      if (now - (this.#toldAt.get(what) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return false;
      this.#toldAt.set(what, now);
      this.#log.critical(`${what}: ${error.message} It is tried again.`, { ...fields, code: error.code });
      return false;
    }
  }
}
