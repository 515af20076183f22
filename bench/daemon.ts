/** The built daemon in a process of its own, with a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SiteInfo } from "./catch-up.ts";
import { python } from "./processes.ts";

const CLI = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));

export interface DaemonSetup {
  site: SiteInfo;
  /** Sources by file name. */
  plugins: Record<string, string>;
  /** Further keys of the configuration. */
  config?: object;
  /** Further options of the daemon's Node. */
  nodeOptions?: readonly string[];
  /** Further variables of its environment. `RECORDS` is a folder for what the plugins write. */
  env?: Record<string, string>;
  /** Shares this one's folder, with its plugins and records, as hosts of a cluster do. */
  beside?: BenchDaemon | undefined;
}

export interface BenchDaemon {
  folder: string;
  process: ChildProcess;
  /** Address of the control API, once there is one. */
  url: Promise<string>;
  /** Resolves when a line of the log matches. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** @throws Error with the end of its log when it has ended by itself */
  check(): void;
  /** Ends it, and removes the folder. */
  close(): Promise<void>;
}

export function openDaemon({
  site,
  plugins,
  config,
  nodeOptions = [],
  env = {},
  beside,
}: DaemonSetup): BenchDaemon {
  const folder = beside?.folder ?? mkdtempSync(join(process.env.BENCH_TMP ?? tmpdir(), "callsheet-bench-"));
  for (const name of ["plugins", "records"]) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, source] of Object.entries(plugins)) writeFileSync(join(folder, "plugins", name), source);
  const { url: siteUrl, scriptName, scriptKey } = site;
  const basics = {
    site: { url: siteUrl, scriptName, scriptKey },
    server: { port: 0 },
    state: join(folder, "state"),
    python: { interpreter: python() },
  };
  const file = join(folder, "callsheet.config.json");
  writeFileSync(file, JSON.stringify({ ...basics, ...config }));
  const child = spawn(process.execPath, [...nodeOptions, CLI, "run", "--config", file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env, RECORDS: join(folder, "records") },
  });
  let log = "";
  const waiting = new Set<() => void>();
  child.stdout!.on("data", (text: Buffer) => {
    log = (log + text).slice(-100_000);
    for (const look of waiting) look();
  });
  const line = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve) => {
      const look = () => {
        const found = pattern.exec(log);
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  return {
    folder,
    process: child,
    line,
    url: line(/"url":"(http:[^"]+)"/).then((found) => found[1]!),
    check() {
      if (child.exitCode !== null) throw new Error(`the daemon ended by itself:\n${log.slice(-4000)}`);
    },
    async close() {
      if (child.exitCode === null && child.kill("SIGTERM")) await once(child, "exit");
      if (!beside) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What a plugin has written so far; empty before its first line. */
export function recordsOf({ folder }: BenchDaemon, name: string): Buffer {
  const file = join(folder, "records", name);
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
}
