/** What runs plugins: threads for TypeScript, processes for Python, both with the configuration's limits. */
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { openPythonHosts, type PythonHostsOptions } from "../plugins/python/hosts.ts";
import { openThreadHosts } from "../plugins/thread/hosts.ts";
import type { HostStarter } from "./host.ts";
import { pythonOptions, threadOptions } from "./to-site.ts";

export interface Hosts {
  start: HostStarter;
  /** Ends every process that is still there. */
  close(): Promise<void>;
}

/** First pause before a Python plugin that missed the site is loaded again. */
const LOAD_AGAIN_AFTER_MS = 1000;

export function openHosts(
  config: Config,
  parts: {
    /** Carries what plugins ask the site. */
    transport: Transport;
    /** null: nobody wants spans. `secrets`: texts that must not stand in them. */
    spans: { secrets: readonly string[] } | null;
    siteIsAway: PythonHostsOptions["siteIsAway"];
  },
): Hosts {
  const { transport, spans, siteIsAway } = parts;
  const threads = openThreadHosts({
    ...threadOptions(config, transport),
    timing: config.log.timing,
    spans,
  });
  const pythons = openPythonHosts({
    ...pythonOptions(config, transport),
    spans: spans !== null,
    loadAgainAfterMs: LOAD_AGAIN_AFTER_MS,
    siteIsAway,
  });
  return {
    start: (start) => (start.plugin.language === "typescript" ? threads : pythons).start(start),
    async close() {
      await Promise.all([threads.close(), pythons.close()]);
    },
  };
}
