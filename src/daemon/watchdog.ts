import type { Host, InHand } from "./host.ts";

/** Looks at a host's event in hand now and then and reports, once, the first call that outlives its callback's timeout. */
export function watchTimeouts(host: Host, late: (call: InHand) => void): { close(): void } {
  const timeouts = host.callbacks.map(({ timeoutMs }) => timeoutMs ?? Number.POSITIVE_INFINITY);
  const shortest = Math.min(...timeouts);
  if (!Number.isFinite(shortest)) return { close() {} };
  const timer = setInterval(
    () => {
      const call = host.inHand();
      if (!call || call.forMs <= timeouts[call.callback]!) return;
      clearInterval(timer);
      late(call);
    },
    Math.min(250, Math.max(10, shortest / 10)),
  );
  timer.unref();
  return { close: () => clearInterval(timer) };
}
