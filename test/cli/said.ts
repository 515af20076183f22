/** Runs a command in this process, which is quicker than one of its own, and keeps what it says. */

import { CommanderError } from "commander";
import { EXIT_USAGE, exitStatusOf, printFailure, wantsJson } from "../../src/cli/failure.ts";
import { program } from "../../src/cli/main.ts";

export interface Said {
  status: number;
  stdout: string;
  stderr: string;
}

/** One at a time: the standard output is everybody's. */
export async function said(...args: string[]): Promise<Said> {
  const texts = { stdout: "", stderr: "" };
  const restore = (["stdout", "stderr"] as const).map((name) => {
    const { write } = process[name];
    process[name].write = ((text: string | Uint8Array) => {
      texts[name] += text.toString();
      return true;
    }) as typeof write;
    return () => {
      process[name].write = write;
    };
  });
  const before = process.exitCode;
  process.exitCode = 0;
  const json = wantsJson(args);
  try {
    await program({ json }).parseAsync(["node", "callsheet", ...args]);
  } catch (error) {
    // commander has said it already
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
    else {
      printFailure(error, process.stderr, { json });
      process.exitCode = exitStatusOf(error);
    }
  } finally {
    for (const undo of restore) undo();
  }
  const status = Number(process.exitCode);
  process.exitCode = before;
  return { status, ...texts };
}
