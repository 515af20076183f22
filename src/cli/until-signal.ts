/** SIGINT and SIGTERM: the first asks for an orderly end, the second ends the process at once. */
import { constants } from "node:os";
import { extname, join } from "node:path";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;
export type EndSignal = (typeof SIGNALS)[number];

/** A terminal gives Ctrl-C to npm and to what npm runs, and npm passes it on: within this time, ms, it is the same one. */
const SAME_MS = 500;

/**
 * Aborts at the first signal, with the signal's name as its reason.
 * @param leaving what is still to be done when the second one ends the process
 */
export function untilSignal(leaving: () => void = () => {}): AbortSignal {
  const asked = new AbortController();
  let askedAt = 0;
  const hear = (name: EndSignal) => {
    if (!asked.signal.aborted) {
      askedAt = performance.now();
      asked.abort(name);
    } else if (name !== asked.signal.reason || performance.now() - askedAt > SAME_MS) {
      try {
        leaving();
      } finally {
        dieOf(name);
      }
    }
  };
  for (const name of SIGNALS) process.on(name, () => hear(name));
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
    leave(Number(process.exitCode ?? 0));
  }, STUCK_EXIT_MS).unref();
}

/**
 * Ends the process at once. A plugin's thread may be stuck in a call of the operating system, such as `execSync` or a dead
 * network share; `process.exit` would wait for that call, and becoming another program does not.
 */
function leave(status: number): never {
  const program = join(import.meta.dirname, `end-with${extname(import.meta.filename)}`);
  if (process.platform !== "win32")
    process.execve?.(process.execPath, [process.execPath, program, String(status)], {});
  process.exit(status);
}

/** The signal's own default action, which waits for nothing; its status is 128 + the signal's number. */
function dieOf(name: EndSignal): void {
  process.removeAllListeners(name);
  if (process.platform === "win32") process.exit(128 + constants.signals[name]);
  process.kill(process.pid, name);
}
