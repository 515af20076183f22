/** Has the content of a loaded module changed? By looking at the files, since studios keep plugins on network shares. */
import { readFile, stat } from "node:fs/promises";
import type { LoadedModule } from "../daemon/host.ts";
import { sha256 } from "./strip.ts";

/** Each so many looks, a file is read anyway, in case its stat did not change with its content. */
const READ_EVERY = 10;

/** In place of a SHA-256: the file was looked for and is not there. */
export const ABSENT = "absent";

/** Remembers what files looked like, so that a look costs one stat a file. One for all plugins of a daemon. */
export class ModuleWatch {
  readonly #seen = new Map<string, { stamp: string; sha256: string; looks: number }>();
  readonly #stampOf: (path: string) => Promise<string>;

  /** @param stampOfFile a text that differs when the file's content may differ; default: from its stat */
  constructor(stampOfFile = stampOf) {
    this.#stampOf = stampOfFile;
  }

  /**
   * Paths of the modules whose file differs from what was loaded, is gone, or has come, in the order given. A file that
   * exists but cannot be read at the moment counts as unchanged.
   */
  async changed(modules: readonly LoadedModule[]): Promise<string[]> {
    const contents = await Promise.all(modules.map(({ path }) => this.#content(path)));
    return modules.flatMap(({ path, sha256 }, i) =>
      contents[i] === null || contents[i] === sha256 ? [] : [path],
    );
  }

  /** The files as they are now: SHA-256 of each, null when that cannot be known; and when it was changed, ms since 1970, or 0. */
  look(paths: readonly string[]): Promise<{ sha256: string | null; changedAt: number }[]> {
    return Promise.all(
      paths.map(async (path) => ({ sha256: await this.#content(path), changedAt: await changedAtOf(path) })),
    );
  }

  /** SHA-256 of the file as it is now; null when that cannot be known. */
  async #content(path: string): Promise<string | null> {
    try {
      const stamp = await this.#stampOf(path);
      const seen = this.#seen.get(path);
      if (seen?.stamp === stamp && seen.looks < READ_EVERY) {
        seen.looks += 1;
        return seen.sha256;
      }
      const content = sha256(await readFile(path));
      this.#seen.set(path, { stamp, sha256: content, looks: 1 });
      return content;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === "ENOENT" || code === "ENOTDIR" ? ABSENT : null;
    }
  }
}

async function changedAtOf(path: string): Promise<number> {
  const there = await stat(path).catch(() => null);
  return Math.round(there?.mtimeMs ?? 0);
}

async function stampOf(path: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
  return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}
