/** How a python process ended, in words. */
import type { CarrierEnd } from "../carrier.ts";

const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGSEGV: "a segmentation fault, mostly of a C extension",
  SIGABRT: "an abort, mostly of a C extension",
  SIGBUS: "a bus error, mostly of a C extension",
  SIGFPE: "an arithmetic error of a C extension",
  SIGILL: "an illegal instruction, mostly of a C extension",
  SIGKILL: "killed, perhaps by the system for want of memory",
};

/** The exit code of a guest whose file descriptors were closed; the other side is `guest/callsheet_guest/own_fds.py`. */
const LINE_CLOSED = 97;
const CLOSED =
  "it closed a file descriptor that is not its own (os.closerange, perhaps), one that Callsheet works with";

const SPAWN_ERRORS: Record<string, string> = {
  ENOENT: "was not found",
  EACCES: "may not be run by this user",
  ENOEXEC: "is no program",
};

export const endingOf = {
  exit(code: number | null, signal: NodeJS.Signals | null): CarrierEnd {
    const words = signal && SIGNALS[signal] ? ` (${SIGNALS[signal]})` : "";
    if (!signal && code === LINE_CLOSED) return ending(CLOSED);
    if (!signal) return ending(`its process ended with exit code ${code}`);
    return { ...ending(`its process was ended by ${signal}${words}`), killed: signal === "SIGKILL" };
  },
  error(error: NodeJS.ErrnoException, interpreter: string, cwd: string | null): CarrierEnd {
    const code = error.code ?? "";
    const what = SPAWN_ERRORS[code] ?? `cannot be started (${code || error.message})`;
    const orFolder =
      code === "ENOENT" && cwd !== null ? `, or its folder python.cwd ${cwd} is not there` : "";
    return unusable(`the interpreter ${interpreter} ${what}${orFolder}`);
  },
  tooOld: (version: string, interpreter: string) =>
    unusable(`the interpreter ${interpreter} is Python ${version}, and 3.8 or newer is needed`),
  /** It ended before any of our code ran. */
  early: ({ message }: CarrierEnd, interpreter: string, lastLine: string) =>
    unusable(
      `the interpreter ${interpreter} does not run: ${message}${lastLine ? `, after it said "${lastLine}"` : ""}`,
    ),
  /** Something else than the guest wrote to the guest's file descriptor. */
  intruded: () =>
    ending("it wrote to a file descriptor that is not its own, the one over which Callsheet talks to it"),
  /** The plugin left a process that goes on. */
  left: () => ending("it left its process"),
};

/** The same end for a plugin of the process that did not bring it about. @param culprit name of the one that did, if known */
export function excused(end: CarrierEnd, culprit: string | null): CarrierEnd {
  const excuse =
    culprit === null ? `its shared process ended: ${end.message}` : `${culprit} ended the process they share`;
  return { ...end, excuse };
}

function ending(message: string): CarrierEnd {
  return { code: "HOST_EXITED", message, error: null };
}

function unusable(message: string): CarrierEnd {
  const hint = "Install Python 3.8 or newer, or give the path of one as python.interpreter.";
  return { ...ending(message), unusable: { code: "PYTHON_UNUSABLE", message, hint } };
}
