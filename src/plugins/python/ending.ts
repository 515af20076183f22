/** How a python process ended, in words. */
import type { ErrorCode } from "../../errors.ts";
import type { Dying } from "../messages.ts";

export interface Ending extends Dying {
  /** Set when the process never ran any of the plugin: the interpreter itself is the trouble. */
  interpreter: { code: ErrorCode; message: string; hint: string } | null;
}

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
  exit(code: number | null, signal: NodeJS.Signals | null): Ending {
    if (signal) return ending(`its process was ended by ${signal}${signalInWords(signal)}`);
    if (code !== TOO_OLD) return ending(`its process ended with exit code ${code}`);
    return { ...ending("its Python is too old"), interpreter: unusable("is older than Python 3.8") };
  },
  error(error: NodeJS.ErrnoException, interpreter: string): Ending {
    const why: Record<string, string> = {
      ENOENT: "was not found",
      EACCES: "may not be run by this user",
    };
    const what = why[error.code ?? ""] ?? `cannot be started (${error.code ?? error.message})`;
    return { ...ending(`${interpreter} ${what}`), interpreter: unusable(what) };
  },
};

function ending(message: string): Ending {
  return { code: "HOST_EXITED", message, error: null, interpreter: null };
}

function signalInWords(signal: NodeJS.Signals): string {
  const words = SIGNALS[signal];
  return words ? ` (${words})` : "";
}

function unusable(what: string): Ending["interpreter"] {
  return {
    code: "PYTHON_UNUSABLE",
    message: what,
    hint: "Install Python 3.8 or newer, or give the path of one as python.interpreter.",
  };
}
