/** Hosts for TypeScript and JavaScript plugins: a worker thread each. */
import type { Transport } from "../../client/transport.ts";
import type { HostStarter } from "../../daemon/host.ts";
import type { LogLevel } from "../../plugin.ts";
import type { GuestStart } from "../messages.ts";
import { loadInThread } from "./load.ts";
import { MemoryWatch } from "./memory-watch.ts";
import type { PluginThread } from "./thread.ts";

export interface ThreadHostsOptions {
  siteUrl: string;
  /** Carries the requests of all plugins. Not closed here. */
  transport: Transport;
  /** Longest wait for one reply, milliseconds. */
  siteTimeoutMs: number;
  /** Memory one plugin may use, in bytes: its heap, and as much again of buffers. */
  memoryLimitBytes: number;
  /** Longest time a plugin may take to load and register, milliseconds. */
  loadTimeoutMs: number;
  /** Give `sg` the session_uuid of the event in hand. */
  useSessionUuid: boolean;
  /** Tell of each call of a callback with a log line. Default: false. */
  timing?: boolean;
  /** Where spans are wanted: texts that must not stand in one. Default: null. */
  spans?: GuestStart["spans"];
  /** Tell the daemon the keys of scripts; for trying them out. Default: false. */
  tellKeys?: boolean;
  /** Lines of plugins below this level are dropped at the source. */
  logLevel: LogLevel;
}

export interface ThreadHosts {
  start: HostStarter;
  /** Ends every thread that is still there. */
  close(): Promise<void>;
}

export function openThreadHosts(options: ThreadHostsOptions): ThreadHosts {
  const threads = new Set<PluginThread>();
  const memory = new MemoryWatch(options.memoryLimitBytes);
  return {
    start: (start) =>
      loadInThread({ timing: false, spans: null, tellKeys: false, ...options }, start, (thread) => {
        threads.add(thread);
        memory.add(thread);
        void thread.gone.then(() => threads.delete(thread));
      }),
    async close() {
      await Promise.all([...threads].map((thread) => thread.terminate()));
    },
  };
}
