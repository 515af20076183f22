/** Hosts for Python plugins: a python process each, or one for those of a folder. */
import type { Transport } from "../../client/transport.ts";
import type { PluginPython } from "../../config-python.ts";
import type { HostStart, HostStarter } from "../../daemon/host.ts";
import type { ReplayMark } from "../../event.ts";
import type { LogLevel } from "../../plugin.ts";
import { ModuleWatch } from "../watch.ts";
import { loadInProcess } from "./load.ts";
import { MemoryWatch } from "./memory-watch.ts";
import { loadPatiently } from "./patience.ts";
import { type GuestSettings, PythonProcess } from "./process.ts";
import { SharedProcesses } from "./shared.ts";

export interface PythonHostsOptions {
  /** How a plugin is run. */
  pythonOf(plugin: HostStart["plugin"]): PluginPython;
  /** For the `shotgun_api3` that is installed, which makes its own connections. */
  site: GuestSettings["site"];
  /** Carries the requests of plugins whose `sg` is the stand-in. Not closed here. */
  transport: Transport;
  /** Memory one process may use, in bytes. */
  memoryLimitBytes: number;
  /** Longest time a plugin may take to load and register, milliseconds. */
  loadTimeoutMs: number;
  /** Pause before a plugin that could not be loaded for want of the site is loaded again, milliseconds; null: it is not. */
  loadAgainAfterMs: number | null;
  /** Whether the site does not answer; resolves once that is known, or the signal aborts. */
  siteIsAway(signal: AbortSignal): Promise<boolean>;
  /** Give `sg` the session_uuid of the event in hand. */
  useSessionUuid: boolean;
  /** The Python daemon's configuration, for `logger.config`. */
  confFile?: string | null;
  /** Tell of each call of a callback with a log line. Default: false. */
  timing?: boolean;
  /** Tell of each call of a callback for a span. Default: false. */
  spans?: boolean;
  /** Tell the daemon the keys of scripts; for trying them out. Default: false. */
  tellKeys?: boolean;
  /** Lines of plugins below this level are dropped at the source. */
  logLevel: LogLevel;
}

export interface PythonHosts {
  start: HostStarter;
  /** Ends every process that is still there. */
  close(): Promise<void>;
}

export function openPythonHosts(options: PythonHostsOptions): PythonHosts {
  const {
    site,
    transport,
    useSessionUuid,
    timing = false,
    spans = false,
    tellKeys = false,
    logLevel,
    loadTimeoutMs,
    loadAgainAfterMs,
    confFile = null,
  } = options;
  const siteIsAway = (signal: AbortSignal) => options.siteIsAway(signal);
  const processes = new Set<PythonProcess>();
  const memory = new MemoryWatch(options.memoryLimitBytes);
  const shared = new SharedProcesses(new ModuleWatch());
  const open = ({ interpreter, path: pythonPath, cwd, umask }: PluginPython, replay: ReplayMark | null) => {
    const given = { site, pythonPath, umask, useSessionUuid, timing, spans, tellKeys, logLevel, confFile };
    const settings = { ...given, replay };
    const process = new PythonProcess({ interpreter, cwd, settings, transport });
    processes.add(process);
    memory.add(process);
    void process.gone.then(() => processes.delete(process));
    return process;
  };
  const processFor = ({ plugin, replay }: HostStart) => {
    const python = options.pythonOf(plugin);
    if (replay || python.group === "plugin") return open(python, replay ?? null);
    return shared.find(JSON.stringify([plugin.folder, python]), () => open(python, null));
  };
  return {
    start: (start) =>
      loadPatiently(() => loadInProcess(() => processFor(start), start, loadTimeoutMs), start, {
        firstPauseMs: loadAgainAfterMs,
        siteIsAway,
      }),
    async close() {
      await Promise.all([...processes].map((process) => process.terminate()));
    },
  };
}
