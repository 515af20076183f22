/** Loading every plugin once, to see what comes of it; no event is handed over. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { asError, CallsheetError } from "../errors.ts";
import { openPythonHosts } from "../plugins/python/hosts.ts";
import { scanFolders } from "../plugins/scan.ts";
import { openThreadHosts } from "../plugins/thread/hosts.ts";
import type { CallbackInfo, HostListener, HostStarter, PluginFile } from "./host.ts";
import { pythonOptions, threadOptions } from "./to-site.ts";

export interface PluginLoad {
  file: PluginFile;
  /** With the keys of their scripts, which are not to be shown. */
  callbacks: readonly CallbackInfo[];
  /** Paths of the studio's files that it has loaded, its own among them. */
  modules: readonly string[];
  /** What runs it, when that is not Node itself: `Python 3.11.7 at /usr/bin/python3`. */
  runtime: string | null;
  /** Why it does not load, or null. */
  error: CallsheetError | null;
}

const AT_ONCE = 4;

/** In the strict order; `problems`: folders that cannot be listed. Takes no longer than the configured timeouts. */
export async function loadPlugins(
  config: Config,
  transport: Transport,
): Promise<{ loads: PluginLoad[]; problems: CallsheetError[] }> {
  const { files, problems } = await scanFolders(config.plugins);
  const threads = openThreadHosts({ ...threadOptions(config, transport), tellKeys: true });
  const pythons = openPythonHosts({ ...pythonOptions(config, transport), ...ONCE, tellKeys: true });
  const slots = mkdtempSync(join(tmpdir(), "callsheet-load-"));
  try {
    const loads: PluginLoad[] = [];
    const waiting = files.entries();
    const loadNext = async () => {
      for (const [index, file] of waiting) {
        const { start } = file.language === "python" ? pythons : threads;
        loads[index] = await loadPlugin(file, start, join(slots, `${index}.slot`));
      }
    };
    // a hundred at once would only fight for the processor; some wait for the site
    await Promise.all(Array.from({ length: AT_ONCE }, loadNext));
    return { loads, problems };
  } finally {
    await Promise.all([threads.close(), pythons.close()]);
    rmSync(slots, { recursive: true, force: true });
  }
}

/** The same without loading any. */
export async function findPlugins({
  plugins,
}: Config): Promise<{ loads: PluginLoad[]; problems: CallsheetError[] }> {
  const { files, problems } = await scanFolders(plugins);
  return {
    loads: files.map((file) => ({ file, callbacks: [], modules: [], runtime: null, error: null })),
    problems,
  };
}

async function loadPlugin(file: PluginFile, start: HostStarter, slotFile: string): Promise<PluginLoad> {
  writeFileSync(slotFile, "");
  const { signal } = new AbortController();
  try {
    const host = await start({ plugin: file, slot: { file: slotFile, epoch: 1 }, listener: NOBODY, signal });
    const { callbacks, runtime } = host;
    const modules = host.modules.map(({ path }) => path);
    await host.kill();
    return { file, callbacks, modules, runtime, error: null };
  } catch (thrown) {
    const error = asError(thrown);
    const known = error instanceof CallsheetError;
    const told = known ? error : new CallsheetError("INTERNAL", error.message);
    return { file, callbacks: [], modules: [], runtime: null, error: told };
  }
}

/** What does not load is told of, not tried again. */
const ONCE = { loadAgainAfterMs: null, siteIsAway: async () => false };

/** Nothing is told but log lines. */
const NOBODY: HostListener = {
  progress() {},
  failed: () => Promise.resolve("stop"),
  log() {},
  exited() {},
};
