/** A terminal for a program: Node has none, Python does. */
import { type ChildProcess, spawn } from "node:child_process";
import { onTestFinished } from "vitest";
import { python } from "../plugins-python/python.ts";
import { Running } from "./process.ts";

const PTY = `
import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))
`;

export interface OnTerminal extends Running {
  type(text: string): void;
}

/** Runs a program with a terminal of 80 columns as its input and output. Needs `python`. */
export function onTerminal(
  command: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): OnTerminal {
  const { NO_COLOR: _1, FORCE_COLOR: _2, CI: _3, ...plain } = process.env;
  const child: ChildProcess = spawn(python!, ["-c", PTY, ...command], {
    cwd,
    env: { ...plain, TERM: "xterm-256color", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  // what is typed when it has just ended reaches nobody
  child.stdin!.on("error", () => {});
  const running = new Running(child);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await running.ended;
  });
  return Object.assign(running, { type: (text: string) => void child.stdin!.write(text) });
}
