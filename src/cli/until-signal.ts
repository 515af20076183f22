/** SIGINT and SIGTERM: the first asks for an orderly end, the second ends the process at once. */
import { constants } from "node:os";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
export type EndSignal = (typeof SIGNALS)[number];

/** Aborts at the first signal, with the signal's name as its reason. */
export function untilSignal(): AbortSignal {
  const asked = new AbortController();
  for (const name of SIGNALS) {
    process.on(name, () => {
      if (asked.signal.aborted) process.exit(128 + constants.signals[name]);
      asked.abort(name);
    });
  }
  return asked.signal;
}

/** Resolves with the reason once the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  if (signal.aborted) return Promise.resolve(signal.reason);
  return new Promise((resolve) =>
    signal.addEventListener("abort", () => resolve(signal.reason), { once: true }),
  );
}

/** How long a process that has finished may take to end by itself. */
const STUCK_EXIT_MS = 3000;

/**
 * Call it when the work is done: something that was left open must not keep the process alive. The timer itself does not.
 */
export function endSoon(report: (message: string) => void): void {
  setTimeout(() => {
    const open = process.getActiveResourcesInfo().filter((kind) => kind !== "Timeout");
    report(
      `the process did not end by itself (still open: ${open.join(", ") || "nothing known"}); ending it`,
    );
    process.exit();
  }, STUCK_EXIT_MS).unref();
}
