/** An audit without a daemon: its state, and the site as its configuration names it. */
import { openHttpTransport } from "../../client/http.ts";
import { Shotgun } from "../../client/shotgun.ts";
import type { Config } from "../../config-file.ts";
import { type AuditRange, type AuditReport, audit } from "../../daemon/audit.ts";
import { siteLog } from "../../daemon/site-log.ts";
import { siteConnection } from "../../daemon/to-site.ts";
import { openJournalForReading } from "../../journal/sqlite/open-for-reading.ts";

export async function auditOfStopped(
  config: Config,
  state: string,
  range: AuditRange,
  progress: (events: number, lastId: number) => void,
): Promise<AuditReport> {
  await using ending = new AsyncDisposableStack();
  const transport = openHttpTransport(siteConnection(config));
  ending.defer(() => transport.close());
  const { url, scriptName, scriptKey, timeout: timeoutMs } = config.site;
  const site = new Shotgun(url, { scriptName, scriptKey, timeoutMs, transport, dates: "string" });
  ending.defer(() => site.close());
  const journal = await openJournalForReading(state);
  ending.defer(() => journal.close());
  // awaited here: everything is closed at the end of this block
  return await audit({ site: siteLog(site), journal }, range, new AbortController().signal, progress);
}
