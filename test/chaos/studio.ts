/** The studio of a chaos run: its folders, its configuration, its plugins, and a state folder on a small disk of its own. */
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Sandbox } from "../../src/sandbox/open.ts";
import { python } from "../plugins-python/python.ts";
import { Disk } from "./disk.ts";
import { CLI } from "./process.ts";
import { TASK } from "./site.ts";

const TEMPLATE = fileURLToPath(new URL("./studio", import.meta.url));
const FAKETIME = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

interface Plugin {
  /** The folder it lives in, and its ending. */
  file: string;
  /** The one type of event that it wants. Default: all. */
  only?: string;
  /** Nothing is wrong with it or its file: only what happens to all of them stops it. */
  calm?: true;
}

export const PLUGINS: Record<string, Plugin> = {
  "a-calm": { file: "plugins/a-calm.ts", calm: true },
  edited: { file: "plugins/edited.ts" },
  tasks: { file: "plugins/tasks.ts", only: TASK, calm: true },
  "two-callbacks": { file: "plugins/two-callbacks.ts", calm: true },
  wild: { file: "plugins/wild.ts" },
  "calm-py": { file: "more/calm-py.py", calm: true },
  "edited-py": { file: "more/edited-py.py" },
  "tasks-py": { file: "more/tasks-py.py", only: TASK, calm: true },
  "wild-py": { file: "more/wild-py.py" },
};

export function isPython(plugin: string): boolean {
  return PLUGINS[plugin]!.file.endsWith(".py");
}

export class Studio {
  readonly folder = mkdtempSync(join(tmpdir(), "callsheet-chaos-"));
  readonly state = join(this.folder, "state");
  readonly config = join(this.folder, "callsheet.config.json");
  /** The disk that the state folder is; null where it could not be one of its own. */
  readonly disk: Disk | null;
  /** Whether the daemon's wall clock can be moved. */
  readonly movableClock = existsSync(FAKETIME);
  readonly env: NodeJS.ProcessEnv;

  constructor() {
    for (const name of ["state", "notes", "mischief"]) mkdirSync(join(this.folder, name));
    cpSync(TEMPLATE, this.folder, { recursive: true });
    this.disk = Disk.mounted(this.state);
    this.env = { ...process.env, CHAOS_STUDIO: this.folder, ...(this.movableClock ? this.#movable() : {}) };
    this.moveClock(0);
  }

  configure(sandbox: Sandbox, options: object): void {
    const { url, scriptName, scriptKey } = sandbox;
    const config = {
      site: { url, scriptName, scriptKey, timeout: "3s" },
      plugins: ["./plugins", "./more"],
      start: "earliest",
      fetchInterval: "100ms",
      reloadInterval: "300ms",
      memoryLimit: "96MB",
      // what the run is checked against must still be there after the clock went mad
      retention: { maxAge: "36500d" },
      python: { interpreter: python ?? "python3" },
      server: { port: 0 },
      ...options,
    };
    writeFileSync(this.config, JSON.stringify(config, null, 2));
  }

  pluginFile(name: string): string {
    return join(this.folder, PLUGINS[name]!.file);
  }

  /** Gives a plugin file its first content again, or with a version number a new one that does the same. */
  writePlugin(name: string, version?: number): void {
    const { file } = PLUGINS[name]!;
    const comment = file.endsWith(".py") ? "#" : "//";
    const text = readFileSync(join(TEMPLATE, file), "utf8");
    writeFileSync(
      join(this.folder, file),
      version === undefined ? text : `${text}${comment} version ${version}\n`,
    );
  }

  notes(plugin: string): string {
    const file = join(this.folder, "notes", plugin);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Seconds by which the daemon's wall clock is off from now on, also while it runs. */
  moveClock(seconds: number): void {
    writeFileSync(join(this.folder, "clock"), `${seconds >= 0 ? "+" : ""}${seconds}\n`);
  }

  /** Does what a daemon that refuses a damaged state says. */
  repair(): { status: number | null; printed: string } {
    const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, "repair", "--state", this.state], {
      env: this.env,
      encoding: "utf8",
    });
    return { status, printed: stdout + stderr };
  }

  /** What is kept when a promise was broken, and where: its state is moved off its disk, which is let go. */
  keep(): string {
    const kept = `${this.folder}-kept`;
    cpSync(this.folder, kept, { recursive: true, verbatimSymlinks: true });
    return kept;
  }

  remove(): void {
    this.disk?.remove();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #movable(): NodeJS.ProcessEnv {
    return {
      LD_PRELOAD: FAKETIME,
      FAKETIME_TIMESTAMP_FILE: join(this.folder, "clock"),
      FAKETIME_CACHE_DURATION: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_RESET: "1",
    };
  }
}
