/** The ways in which a plugin can end its own host. Each is told to the daemon before it happens. */
import { getHeapStatistics } from "node:v8";
import type { Dying, Link } from "../messages.ts";
import { outOfMemory } from "../out-of-memory.ts";
import { inWords, reportError } from "./error-report.ts";

export interface TroubleParts {
  link: Link;
  memoryLimitBytes: number;
  /** ` (after event 42)` when no callback is being called. */
  when(): string;
}

export interface Troubles {
  /** Ends the host when buffers and the like, which the heap limit does not see, hold too much. */
  checkMemory(): void;
  /** Ends the host because of an error that is not the plugin's. */
  broken(error: unknown): void;
}

export function watchTrouble({ link, memoryLimitBytes, when }: TroubleParts): Troubles {
  const die = (dying: Dying, exitCode: number) => {
    link.send({ type: "dying", exit: { ...dying, message: `${dying.message}${when()}` } });
    link.exit(exitCode);
  };
  process.on("uncaughtException", (error, origin) => {
    // A plugin with a handler of its own has dealt with it.
    if (process.listenerCount("uncaughtException") > 1) return;
    const report = reportError(error);
    const what = origin === "unhandledRejection" ? "unhandled rejection" : "uncaught exception";
    die({ code: "HOST_EXITED", message: `${what}: ${inWords(report)}`, error: report }, 1);
  });
  process.exit = ((code?: number | string | null) => {
    const shown = code ?? process.exitCode ?? 0;
    die(
      { code: "HOST_EXITED", message: `process.exit(${shown}) was called`, error: callerOf(process.exit) },
      0,
    );
  }) as typeof process.exit;
  const kill = process.kill;
  process.kill = (pid, signal) => {
    // The process is the daemon's, with every other plugin in it.
    if (pid !== process.pid || signal === 0) return kill.call(process, pid, signal);
    throw new Error("process.kill: a plugin cannot send a signal to the daemon that runs it");
  };
  return {
    checkMemory() {
      const { external_memory } = getHeapStatistics();
      if (external_memory > memoryLimitBytes) die(outOfMemory(external_memory, memoryLimitBytes), 1);
    },
    broken(error) {
      const report = reportError(error);
      die({ code: "HOST_EXITED", message: `Callsheet itself failed: ${inWords(report)}`, error: report }, 1);
    },
  };
}

function callerOf(called: () => never): Dying["error"] {
  const error = new Error("process.exit was called");
  Error.captureStackTrace(error, called);
  return reportError(error);
}
