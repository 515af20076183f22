import type { Host, InHand } from "./host.ts";

/** A call that takes this long is told of, whether it has a timeout or not. */
const LONG_CALL_MS = 60_000;
const LOOK_EVERY_MS = 5000;

export interface CallWatcher {
  /** Once: a call outlived its callback's timeout. */
  late(call: InHand): void;
  /** Once for each call that has been going on for `longMs`. */
  long(call: InHand): void;
}

/** Looks at a host's event in hand now and then. */
export function watchCalls(
  host: Host,
  watcher: CallWatcher,
  longMs: number = LONG_CALL_MS,
): { close(): void } {
  const timeouts = host.callbacks.map(({ timeoutMs }) => timeoutMs ?? Number.POSITIVE_INFINITY);
  const shortest = Math.min(longMs, ...timeouts);
  let told: InHand | null = null;
  const timer = setInterval(
    () => {
      const call = host.inHand();
      if (!call) return;
      const known = told?.seq === call.seq && told.callback === call.callback && told.forMs <= call.forMs;
      if (call.forMs > longMs && !known) {
        told = call;
        watcher.long(call);
      }
      if (call.forMs <= timeouts[call.callback]!) return;
      clearInterval(timer);
      watcher.late(call);
    },
    Math.min(shortest >= LONG_CALL_MS ? LOOK_EVERY_MS : 250, Math.max(10, shortest / 10)),
  );
  timer.unref();
  return { close: () => clearInterval(timer) };
}
