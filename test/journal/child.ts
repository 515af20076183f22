import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A child program of `children/`, with what it says line by line. */
export class Child {
  readonly process: ChildProcess;
  readonly lines: string[] = [];
  readonly #exit: Promise<unknown>;
  readonly #ended: Promise<unknown>;
  #waiting: (() => void)[] = [];

  constructor(program: string, ...args: string[]) {
    const path = fileURLToPath(new URL(`./children/${program}.ts`, import.meta.url));
    this.process = spawn(process.execPath, [path, ...args], { stdio: ["pipe", "pipe", "inherit"] });
    this.#exit = once(this.process, "exit");
    const reader = createInterface({ input: this.process.stdout! });
    this.#ended = once(reader, "close");
    reader.on("line", (line) => {
      this.lines.push(line);
      for (const wake of this.#waiting.splice(0)) wake();
    });
    reader.on("close", () => {
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** Resolves when it has said so many lines. */
  async said(count: number): Promise<void> {
    while (this.lines.length < count) {
      if (this.process.exitCode !== null) throw new Error(`it ended after ${this.lines.length} lines`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Ends it without warning; resolves when it is gone and everything it said is here. */
  async kill(): Promise<void> {
    this.process.kill("SIGKILL");
    await Promise.all([this.#exit, this.#ended]);
  }

  /** Lets it end in order. */
  async end(): Promise<void> {
    this.process.stdin!.end();
    await Promise.all([this.#exit, this.#ended]);
  }
}
