import { CallsheetError } from "../errors.ts";
import type { Log } from "../log/log.ts";
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
      if (!(error instanceof CallsheetError) || error.code !== "STATE_FULL") throw error;
      told(true);
      log.critical(`${error.message} No event is lost; trying again in ${AGAIN_MS / 1000} s.`, {
        code: error.code,
      });
      if (!(await pause(AGAIN_MS, signal))) throw error;
    }
  }
}
