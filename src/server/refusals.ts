/** Requests with a wrong token, or without one, in the log: the first at once, then their number, once a minute at most. */
import type { Log } from "../log/log.ts";

const EVERY_MS = 60_000;

/** @param now monotonic milliseconds */
export function refusalLog(log: Log, now = () => performance.now()): (address: string) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  let untold = 0;
  return (address) => {
    untold += 1;
    if (now() - toldAt < EVERY_MS) return;
    const more = untold > 1 ? `, the last of ${untold} since the last such line` : "";
    log.warn(`a request from ${address} did not show the right token${more}`, { code: "REQUEST_REFUSED" });
    toldAt = now();
    untold = 0;
  };
}
