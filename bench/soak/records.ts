/** How far the plugins have come, by the end of what each has written. */
import { existsSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { BenchDaemon } from "../daemon.ts";
import { idAt } from "./oracle.ts";
import { LINE, PLUGINS } from "./plugins.ts";

export interface Standing {
  /** Id of the event that each plugin has written down last; 0 before its first. */
  lastIds: number[];
  /** Of all records. */
  bytes: number;
}

export class Records {
  readonly #folder: string;
  /** They are only ever appended to. */
  readonly #open = new Map<number, number>();
  readonly #line = Buffer.alloc(LINE);

  constructor({ folder }: BenchDaemon) {
    this.#folder = join(folder, "records");
  }

  standing(): Standing {
    const all = Array.from({ length: PLUGINS }, (_, i) => this.#endOf(i));
    return { lastIds: all.map(({ id }) => id), bytes: all.reduce((sum, { size }) => sum + size, 0) };
  }

  #endOf(i: number): { id: number; size: number } {
    const fd = this.#fileOf(i);
    const size = fd === null ? 0 : fstatSync(fd).size;
    if (fd === null || size < LINE) return { id: 0, size };
    readSync(fd, this.#line, 0, LINE, (Math.floor(size / LINE) - 1) * LINE);
    return { id: idAt(this.#line, 0), size };
  }

  #fileOf(i: number): number | null {
    const known = this.#open.get(i);
    const file = join(this.#folder, String(i));
    if (known !== undefined || !existsSync(file)) return known ?? null;
    const fd = openSync(file, "r");
    this.#open.set(i, fd);
    return fd;
  }
}
