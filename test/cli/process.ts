/** Runs `callsheet` as a process of its own and reads along. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

export const ROOT = join(import.meta.dirname, "..", "..");
const MAIN = join(ROOT, "src/cli/main.ts");

export class Running {
  stdout = "";
  stderr = "";
  readonly ended: Promise<{ status: number | null; signal: NodeJS.Signals | null }>;
  readonly #child: ChildProcess;
  #read = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#read();
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#read();
    });
    this.ended = once(child, "close").then(([status, signal]) => {
      this.#read();
      return { status, signal };
    });
  }

  get all(): string {
    return this.stdout + this.stderr;
  }

  /** Resolves once the output matches; rejects when the process ends without. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    for (;;) {
      const found = pattern.exec(this.all);
      if (found) return found;
      if (over) throw new Error(`it ended without saying ${pattern}:\n${this.all}`);
      await new Promise<void>((resolve) => {
        this.#read = resolve;
      });
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

export function callsheet(
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; program?: string[] } = {},
): Running {
  const { cwd = ROOT, env = {}, program = [MAIN] } = options;
  const child = spawn(process.execPath, [...program, ...args], {
    cwd,
    env: { ...plainEnvironment(), ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const running = new Running(child);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await running.ended;
  });
  return running;
}

/** Without what a test runner or a person may have set for looks and debugging. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _1, NO_COLOR: _2, FORCE_COLOR: _3, CALLSHEET_DEBUG: _4, ...env } = process.env;
  return env;
}

/** A folder with these files in it, gone when the test is over. */
export function folderWith(files: Record<string, string> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "callsheet-cli-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}
