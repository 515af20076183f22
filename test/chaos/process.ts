/** The daemon of a chaos run: the real command in a process of its own, which may be stopped, killed and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { childrenOf } from "../crash/hosts.ts";
import { clock } from "./site.ts";

export const CLI = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The end of what it printed. */
  words: string;
}

export class DaemonProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  #words = "";
  #upAt: number | null = null;
  #endedAt: number | null = null;

  /** @param cli of another version */
  constructor(config: string, env: NodeJS.ProcessEnv, cli = CLI) {
    this.child = spawn(process.execPath, [cli, "run", "--config", config], {
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const keep = (text: Buffer) => {
      this.#words = (this.#words + text.toString()).slice(-4000);
      if (this.#words.includes("control API at ")) this.#upAt ??= clock();
    };
    this.child.stdout!.on("data", keep);
    this.child.stderr!.on("data", keep);
    this.ended = once(this.child, "close").then(([code, signal]) => {
      this.#endedAt = clock();
      return { code, signal, words: this.#words };
    });
  }

  /** The end of what it has printed so far. */
  get words(): string {
    return this.#words;
  }

  /** It has said that it is there. */
  get up(): boolean {
    return this.#upAt !== null;
  }

  /** When it said so; the machine's monotonic clock, ms. */
  get upAt(): number | null {
    return this.#upAt;
  }

  get running(): boolean {
    return this.#endedAt === null;
  }

  /** As `upAt`. */
  get endedAt(): number | null {
    return this.#endedAt;
  }

  async kill(): Promise<void> {
    this.child.kill("SIGKILL");
    // one that is stopped does not die before it goes on
    this.child.kill("SIGCONT");
    await this.ended;
  }

  /** Its python processes. */
  hosts(): number[] {
    return childrenOf(this.child.pid!);
  }
}

/** What a user is told when a command ends by itself must be a sentence with a code, never a stack trace. */
export function isPlainRefusal({ code, words }: Ended): boolean {
  return (
    code !== 0 &&
    code !== null &&
    /\b[A-Z]{3,}_[A-Z_]+\b/.test(words) &&
    !/^\s+at .+:\d+:\d+\)?$/m.test(words)
  );
}

/** One that has ended meanwhile is left alone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it has ended meanwhile
  }
}
