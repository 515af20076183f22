/** How a python process ended, in words. */
import type { CarrierEnd } from "../carrier.ts";

/** The exit status by which `guest/boot.py` says that its Python is too old. */
const TOO_OLD = 88;

const SIGNALS: Partial<Record<NodeJS.Signals, string>> = {
  SIGSEGV: "a segmentation fault, mostly of a C extension",
  SIGABRT: "an abort, mostly of a C extension",
  SIGBUS: "a bus error, mostly of a C extension",
  SIGFPE: "an arithmetic error of a C extension",
  SIGILL: "an illegal instruction, mostly of a C extension",
  SIGKILL: "killed, perhaps by the system for want of memory",
};

export const endingOf = {
  exit(code: number | null, signal: NodeJS.Signals | null, interpreter: string): CarrierEnd {
    if (signal) return ending(`its process was ended by ${signal}${signalInWords(signal)}`);
    if (code !== TOO_OLD) return ending(`its process ended with exit code ${code}`);
    return unusable(`the interpreter ${interpreter} is older than Python 3.8`);
  },
  error(error: NodeJS.ErrnoException, interpreter: string): CarrierEnd {
    const why: Record<string, string> = {
      ENOENT: "was not found",
      EACCES: "may not be run by this user",
    };
    const what = why[error.code ?? ""] ?? `cannot be started (${error.code ?? error.message})`;
    return unusable(`the interpreter ${interpreter} ${what}`);
  },
};

function ending(message: string): CarrierEnd {
  return { code: "HOST_EXITED", message, error: null };
}

function signalInWords(signal: NodeJS.Signals): string {
  const words = SIGNALS[signal];
  return words ? ` (${words})` : "";
}

function unusable(message: string): CarrierEnd {
  const hint = "Install Python 3.8 or newer, or give the path of one as python.interpreter.";
  return { ...ending(message), unusable: { code: "PYTHON_UNUSABLE", message, hint } };
}
