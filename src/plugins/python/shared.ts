/** The processes that several plugins share, by what they have in common. */
import type { ModuleWatch } from "../watch.ts";
import type { PythonProcess } from "./process.ts";

export class SharedProcesses {
  readonly #watch: ModuleWatch;
  /** The newest of each key; a promise, so that plugins are seated in the order in which they ask. */
  readonly #newest = new Map<string, Promise<PythonProcess>>();

  constructor(watch: ModuleWatch) {
    this.#watch = watch;
  }

  /** The process of this key, or a new one where there is none, or where a helper has changed since it was imported. */
  find(key: string, open: () => PythonProcess): Promise<PythonProcess> {
    const before = this.#newest.get(key) ?? Promise.resolve(null);
    const found = before.then(
      (process) => this.#current(process, open),
      // it could not be started; perhaps now
      () => open(),
    );
    this.#newest.set(key, found);
    return found;
  }

  async #current(process: PythonProcess | null, open: () => PythonProcess): Promise<PythonProcess> {
    if (!process) return open();
    const helpers = Array.from(process.helpers, ([path, sha256]) => ({ path, sha256 }));
    const changed = process.open ? await this.#watch.changed(helpers) : [];
    return process.open && changed.length === 0 ? process : open();
  }
}
