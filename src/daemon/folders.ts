/** The plugin folders: what is in them, and what is wrong with them. */
import type { FleetOptions, FolderTrouble } from "./fleet-options.ts";
import type { PluginFile } from "./host.ts";

export class Folders {
  readonly #options: Pick<FleetOptions, "folders" | "scan" | "log">;
  #files: readonly PluginFile[] = [];
  #problems: readonly FolderTrouble[] = [];

  constructor(options: Pick<FleetOptions, "folders" | "scan" | "log">) {
    this.#options = options;
  }

  /** The plugin files of the last look, in strict order. */
  get files(): readonly PluginFile[] {
    return this.#files;
  }

  /** Folders that could not be listed at the last look. */
  get problems(): readonly FolderTrouble[] {
    return this.#problems;
  }

  /** Lists them. A problem is told when it begins. */
  async look(): Promise<void> {
    const { scan, folders, log } = this.#options;
    const { files, problems } = await scan(folders);
    const known = new Set(this.#problems.map(({ message }) => message));
    for (const problem of problems)
      if (!known.has(problem.message)) log.error(problem.describe(), { code: problem.code });
    this.#files = files;
    this.#problems = problems;
  }

  /** Whether the file was there at the last look; null: its folder could not be listed, which says nothing about its plugins. */
  has({ path, folder }: PluginFile): boolean | null {
    if (this.#problems.some((problem) => problem.folder === folder)) return null;
    return this.#files.some((file) => file.path === path);
  }
}
