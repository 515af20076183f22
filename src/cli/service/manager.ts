/**
 * Tells systemd, or whatever speaks its protocol, how the daemon does. The messages are datagrams on a local socket, which Node cannot
 * send; systemd's own program can. They come from a child of the daemon then, so the unit has `NotifyAccess=all`.
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { asError } from "../../errors.ts";
import type { Log } from "../../log/log.ts";

const run = promisify(execFile);
const PROGRAM = "systemd-notify";
/** It waits until the manager has read the message. */
const PATIENCE_MS = 10_000;

export interface ServiceManager {
  /** How long it waits for a sign of life before it starts the daemon again, ms; null when it does not. */
  readonly watchdogMs: number | null;
  /**
   * Sends assignments such as `READY=1`, in the order of the calls. Never rejects: a manager that cannot be told is told of in the
   * log, once.
   */
  tell(...assignments: string[]): Promise<void>;
}

/**
 * What started this process, if it wants to be told; else null. The variables that say so are taken out of `env`: plugins' processes
 * are not to speak in the daemon's name.
 */
export function openServiceManager(env: NodeJS.ProcessEnv, log: Log): ServiceManager | null {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: patience, WATCHDOG_PID: watched } = env;
  if (!socket) return null;
  for (const name of ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]) delete env[name];
  const isWatched = Number(patience) > 0 && (!watched || Number(watched) === process.pid);
  let last: Promise<void> = Promise.resolve();
  let complained = false;
  const send = async (assignments: string[]) => {
    try {
      await run(PROGRAM, assignments, {
        env: { PATH: env.PATH, NOTIFY_SOCKET: socket },
        timeout: PATIENCE_MS,
      });
    } catch (error) {
      if (complained) return;
      complained = true;
      log.error(`the service manager cannot be told how the daemon does: ${asError(error).message.trim()}`, {
        hint: `${PROGRAM} has to be on the PATH, and the unit needs NotifyAccess=all`,
      });
    }
  };
  return {
    watchdogMs: isWatched ? Number(patience) / 1000 : null,
    tell(...assignments) {
      last = last.then(() => send(assignments));
      return last;
    },
  };
}
