/** Tells of each call of a callback when it began, when it ended and how; only where the configuration asks for it. */
import type { TimedCall } from "../../daemon/host.ts";
import type { Event } from "../../event.ts";
import { type CallCallback, isThenable } from "./delivery.ts";

/** @param tell told when the call has ended, or its promise has settled */
export function timedCall(
  call: CallCallback,
  nameOf: (callback: number) => string,
  tell: (call: TimedCall) => void,
): CallCallback {
  let inHand: Event | null = null;
  let created_at = "";
  return (index, event) => {
    // read once for all callbacks, before the first can change it
    if (event !== inHand) created_at = event.created_at.toISOString();
    inHand = event;
    const ended = begin(nameOf(index), created_at, tell);
    let result: unknown;
    try {
      result = call(index, event);
    } catch (error) {
      ended(true);
      throw error;
    }
    if (!isThenable(result)) {
      ended(false);
      return result;
    }
    return result.then(
      () => ended(false),
      (error: unknown) => {
        ended(true);
        throw error;
      },
    );
  };
}

function begin(
  callback: string,
  created_at: string,
  tell: (call: TimedCall) => void,
): (failed: boolean) => void {
  const started_at = new Date().toISOString();
  return (failed) => tell({ callback, created_at, started_at, ended_at: new Date().toISOString(), failed });
}
