/** Keeps the desk in one file of the state folder: written beside it, then renamed over it, so that it is always whole. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { asError } from "../errors.ts";
import type { Log } from "../log/log.ts";
import type { DeskState } from "./desk.ts";
import type { Emails } from "./news.ts";

export interface Stored {
  version: 1;
  /** Whether the daemon that wrote it was still running. */
  running: boolean;
  desk: DeskState;
  /** By plugin; older files have none. */
  emails?: Record<string, Emails>;
}

const FILE = "alerts.json";

export class AlertStore {
  readonly #path: string;
  readonly #log: Log;
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #told = false;

  constructor(folder: string, log: Log) {
    this.#path = join(folder, FILE);
    this.#log = log;
  }

  /** null on the first start, and when the file is damaged: then it is set aside, and what breaks is told anew. */
  async read(): Promise<Stored | null> {
    let text: string;
    try {
      text = await readFile(this.#path, "utf8");
    } catch {
      return null;
    }
    try {
      const stored = JSON.parse(text) as Stored;
      if (stored.version === 1 && Array.isArray(stored.desk.cases)) return stored;
    } catch {
      // told below
    }
    await rename(this.#path, `${this.#path}.damaged`).catch(() => {});
    this.#log.error(
      `${this.#path} is damaged or from another version; it is kept as alerts.json.damaged, and what is broken is told anew`,
      { code: "STATE_CORRUPT" },
    );
    return null;
  }

  /**
   * Resolves when the state as it is now, or newer, is on disk. Never rejects: alerts go on without, and the log says so.
   * One write at a time; those who come while one goes on share the next.
   */
  write(state: () => Stored): Promise<void> {
    this.#next ??= this.#writing.then(() => {
      this.#next = null;
      return this.#write(state());
    });
    this.#writing = this.#next;
    return this.#next;
  }

  /** Whether the last write went well. */
  get works(): boolean {
    return !this.#told;
  }

  async #write(stored: Stored): Promise<void> {
    const beside = `${this.#path}.new`;
    try {
      await mkdir(dirname(this.#path), { recursive: true });
      const file = await open(beside, "w", 0o600);
      try {
        await file.writeFile(JSON.stringify(stored));
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(beside, this.#path);
      this.#told = false;
    } catch (error) {
      if (!this.#told) {
        this.#log.error(
          `alerts cannot be stored, and may be told twice after a restart: ${asError(error).message}`,
          { code: "STATE_UNUSABLE" },
        );
      }
      this.#told = true;
    }
  }
}
