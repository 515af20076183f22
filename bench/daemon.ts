/** The built daemon in a process of its own, with a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SiteInfo } from "./catch-up.ts";
import { python } from "./processes.ts";
import { STANDSTILL_MS } from "./standstill.ts";

const CLI = fileURLToPath(new URL("../dist/cli/main.js", import.meta.url));
/** One that does not stop by then never will, ms. */
const STOPPED_WITHIN_MS = 60_000;

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
  /** Told every line of its log. */
  onLine?: (line: string) => void;
}

export interface BenchDaemon {
  folder: string;
  process: ChildProcess;
  /** Address of the control API, once there is one. */
  url: Promise<string>;
  /** Resolves when a line of the log matches; rejects when the daemon has ended, or no line did for two minutes. */
  line(pattern: RegExp): Promise<RegExpExecArray>;
  /** @throws Error with the end of its log when it has ended by itself */
  check(): void;
  /** Asks it to stop; one that does not within a minute is killed. Answers its exit code, or what killed it. */
  stop(): Promise<number | NodeJS.Signals>;
  /** Stops it, and removes the folder. */
  close(): Promise<void>;
}

export function openDaemon({
  site,
  plugins,
  config,
  nodeOptions = [],
  env = {},
  beside,
  onLine = () => {},
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
  const log = logOf(child, onLine);
  const url = log.line(/"url":"(http:[^"]+)"/).then((found) => found[1]!);
  // whoever wants it hears of it
  url.catch(() => {});
  const stop = () => stopped(child);
  return {
    folder,
    process: child,
    line: log.line,
    url,
    check() {
      if (hasEnded(child)) throw new Error(log.ended());
    },
    stop,
    async close() {
      await stop();
      if (!beside) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function logOf(child: ChildProcess, onLine: (line: string) => void) {
  let log = "";
  let begun = "";
  const waiting = new Set<() => void>();
  const look = () => {
    for (const one of waiting) one();
  };
  child.stdout!.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-100_000);
    const lines = (begun + text).split("\n");
    begun = lines.pop()!;
    for (const line of lines) onLine(line);
    look();
  });
  child.once("close", look);
  const ended = () =>
    `the daemon ended by itself (${child.exitCode ?? child.signalCode}):\n${log.slice(-4000)}`;
  const line = (pattern: RegExp) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const done = () => {
        waiting.delete(one);
        clearTimeout(timer);
      };
      const one = () => {
        const found = pattern.exec(log);
        if (!found && !hasEnded(child)) return;
        done();
        if (found) resolve(found);
        else reject(new Error(ended()));
      };
      const timer = setTimeout(() => {
        done();
        reject(
          new Error(`the daemon did not say ${pattern} for ${STANDSTILL_MS / 1000} s:\n${log.slice(-4000)}`),
        );
      }, STANDSTILL_MS);
      waiting.add(one);
      one();
    });
  return { line, ended };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function stopped(child: ChildProcess): Promise<number | NodeJS.Signals> {
  if (!hasEnded(child)) {
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOPPED_WITHIN_MS);
    await ended;
    clearTimeout(timer);
  }
  return child.exitCode ?? child.signalCode!;
}

/** What a plugin has written so far; empty before its first line. */
export function recordsOf({ folder }: BenchDaemon, name: string): Buffer {
  const file = join(folder, "records", name);
  return existsSync(file) ? readFileSync(file) : Buffer.alloc(0);
}
