/** How daemon and plugins speak with the site: over one transport, each request counted by who asked. */
import { openHttpTransport } from "../client/http.ts";
import { Shotgun } from "../client/shotgun.ts";
import type { Transport } from "../client/transport.ts";
import type { Config } from "../config-file.ts";
import { type SiteLog, siteLog } from "./site-log.ts";
import { SiteRequests } from "./site-requests.ts";
import { siteConnection } from "./to-site.ts";

export interface SiteAccess {
  /** The event log as the reader asks for it: it has a patience of its own, and tells of every failure. */
  reading: SiteLog;
  /** The same for all others, with the client's patience. */
  patient: SiteLog;
  /** Carries what plugins ask. */
  ofPlugins: Transport;
  figures: SiteRequests["figures"];
  /** Asks whether it answers this host now: in a cluster another may be the one that reads it. True when the signal aborts. */
  isAway(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

export function openSiteAccess(config: Config): SiteAccess {
  const transport = openHttpTransport(siteConnection(config));
  const requests = new SiteRequests();
  const { url, scriptName, scriptKey, timeout: timeoutMs } = config.site;
  const options = { scriptName, scriptKey, timeoutMs, dates: "string" as const };
  const reading = new Shotgun(url, {
    ...options,
    transport: requests.counted(transport, "daemon"),
    retry: { gatewayAttempts: 1, tlsAttempts: 1, busyAttempts: 1 },
  });
  const log = siteLog(reading);
  return {
    reading: log,
    patient: siteLog(new Shotgun(url, { ...options, transport })),
    ofPlugins: requests.counted(transport, "plugins"),
    figures: () => requests.figures(),
    isAway: (signal) =>
      log.readBack(Number.MAX_SAFE_INTEGER - 1, 1, signal).then(
        () => false,
        () => true,
      ),
    async close() {
      await reading.close();
      await transport.close();
    },
  };
}
