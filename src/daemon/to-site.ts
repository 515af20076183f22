/** From the configuration to what speaks with the site: the daemon itself, and the hosts of plugins. */
import { basename } from "node:path";
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { pythonFor } from "../config-python.ts";
import type { PythonHostsOptions } from "../plugins/python/hosts.ts";
import type { ThreadHostsOptions } from "../plugins/thread/hosts.ts";

export function siteConnection({ site }: Config): { httpProxy?: string; caCerts?: string } {
  return {
    ...(site.httpProxy === undefined ? {} : { httpProxy: site.httpProxy }),
    ...(site.caCerts === undefined ? {} : { caCerts: site.caCerts }),
  };
}

export function threadOptions(config: Config, transport: Transport): ThreadHostsOptions {
  return {
    siteUrl: config.site.url,
    siteTimeoutMs: config.site.timeout,
    transport,
    memoryLimitBytes: config.memoryLimit,
    loadTimeoutMs: config.loadTimeout,
    useSessionUuid: config.useSessionUuid,
    logLevel: config.log.level,
  };
}

export function pythonOptions(
  config: Config,
  transport: Transport,
): Omit<PythonHostsOptions, "loadAgainAfterMs" | "siteIsAway"> {
  const { url, timeout: timeoutMs, httpProxy = null, caCerts = null } = config.site;
  return {
    pythonOf: ({ path, folder }) =>
      pythonFor(config.python, { fileName: basename(path), folder: config.plugins[folder]! }),
    site: { url, timeoutMs, httpProxy, caCerts },
    transport,
    memoryLimitBytes: config.memoryLimit,
    loadTimeoutMs: config.loadTimeout,
    useSessionUuid: config.useSessionUuid,
    confFile: config.python.conf ?? null,
    timing: config.log.timing,
    logLevel: config.log.level,
  };
}
