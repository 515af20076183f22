/** Hosts for Python plugins: a python process each. */
import type { Transport } from "../../client/transport.ts";
import type { HostStart, HostStarter } from "../../daemon/host.ts";
import type { LogLevel } from "../../plugin.ts";
import { loadInProcess } from "./load.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { loadPatiently } from "./patience.ts";
import type { PythonProcess } from "./process.ts";

export interface PythonHostsOptions {
  /** Name or path of a Python, 3.8 or newer. */
  interpreter: string;
  /** Folders that plugins may import from, after those of the interpreter and before the plugin's own. */
  pythonPath: readonly string[];
  /** For the `shotgun_api3` that is installed, which makes its own connections. */
  site: { url: string; timeoutMs: number; httpProxy: string | null; caCerts: string | null };
  /** Carries the requests of plugins whose `sg` is the stand-in. Not closed here. */
  transport: Transport;
  /** Memory one plugin's process may use, in bytes. */
  memoryLimitBytes: number;
  /** Longest time a plugin may take to load and register, milliseconds. */
  loadTimeoutMs: number;
  /** Pause before a plugin that could not be loaded for want of the site is loaded again, milliseconds; null: it is not. */
  loadAgainAfterMs: number | null;
  /** Give `sg` the session_uuid of the event in hand. */
  useSessionUuid: boolean;
  /** Lines of plugins below this level are dropped at the source. */
  logLevel: LogLevel;
}

export interface PythonHosts {
  start: HostStarter;
  /** Ends every process that is still there. */
  close(): Promise<void>;
}

export function openPythonHosts({
  memoryLimitBytes,
  loadAgainAfterMs,
  ...settings
}: PythonHostsOptions): PythonHosts {
  const processes = new Set<PythonProcess>();
  const memory = new MemoryWatch(memoryLimitBytes);
  const loadOnce = (start: HostStart) =>
    loadInProcess(settings, start, (process) => {
      processes.add(process);
      memory.add(process);
      void process.gone.then(() => processes.delete(process));
    });
  return {
    start: (start) => loadPatiently(() => loadOnce(start), start, loadAgainAfterMs),
    async close() {
      await Promise.all([...processes].map((process) => process.terminate()));
    },
  };
}
