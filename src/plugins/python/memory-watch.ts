/** Ends python processes whose memory in use grows past the limit. */
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import type { PythonProcess } from "./process.ts";

const LOOK_EVERY_MS = 500;

export class MemoryWatch {
  readonly #limitBytes: number;
  readonly #processes = new Set<PythonProcess>();
  #timer: NodeJS.Timeout | null = null;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  add(process: PythonProcess): void {
    this.#processes.add(process);
    this.#timer ??= setInterval(() => void this.#look(), LOOK_EVERY_MS).unref();
    void process.gone.then(() => this.#remove(process));
  }

  #remove(process: PythonProcess): void {
    this.#processes.delete(process);
    if (this.#processes.size > 0 || !this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  async #look(): Promise<void> {
    for (const process of this.#processes) {
      const bytes = process.pid === undefined ? null : await residentBytes(process.pid);
      if (bytes === null || bytes <= this.#limitBytes) continue;
      const used = `it used ${megabytes(bytes)} of memory, and its limit is ${megabytes(this.#limitBytes)}`;
      process.endBecause({ code: "HOST_OUT_OF_MEMORY", message: used, error: null });
    }
  }
}

/** null when that cannot be known. */
export async function residentBytes(pid: number): Promise<number | null> {
  try {
    if (process.platform === "linux") {
      const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, "utf8"))?.[1];
      return kilobytes === undefined ? null : Number(kilobytes) * 1024;
    }
    const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
    return Number(stdout) * 1024;
  } catch {
    return null;
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
