/** `callsheet repair --cluster`: goes on with a cluster's database that was restored from a backup, or emptied. */
import { join } from "node:path";
import { openHttpTransport } from "../client/http.ts";
import { Shotgun } from "../client/shotgun.ts";
import type { Config } from "../config-file.ts";
import { readToEnd } from "../daemon/cluster/read-to-end.ts";
import { SEEN_FILE } from "../daemon/open-state.ts";
import { siteLog } from "../daemon/site-log.ts";
import { siteConnection } from "../daemon/to-site.ts";
import { CallsheetError } from "../errors.ts";
import { type MendedLane, openClusterMending } from "../journal/postgres/history/mend.ts";
import { print, printJson } from "./control/command.ts";
import { count } from "./control/words.ts";
import { loadSetup, openConfiguredLog } from "./setup.ts";

export interface ClusterRepair {
  seenAt: string;
  /** Events that were read from the site, and stood in the database before it was lost. */
  events: number;
  plugins: MendedLane[];
}

export async function repairCluster({
  config: file,
  json,
}: {
  config?: string;
  json: boolean;
}): Promise<void> {
  const config = await loadSetup(file);
  const report = await repair(config);
  if (json) printJson(report ?? { sound: true });
  else
    print(report ? inWords(report) : "The database is as far as this host has seen it; nothing was changed.");
}

async function repair(config: Config): Promise<ClusterRepair | null> {
  const { cluster, state } = config;
  if (!cluster)
    throw new CallsheetError("USAGE", "The configuration names no cluster; its state is in a folder.", {
      hint: "A folder is mended with callsheet repair --state.",
    });
  const { url, schema, lease: leaseMs } = cluster;
  const mending = await openClusterMending({ url, schema, leaseMs, memory: join(state, SEEN_FILE) });
  if (!mending) return null;
  await using ending = new AsyncDisposableStack();
  ending.defer(() => mending.close());
  const transport = openHttpTransport(siteConnection(config));
  ending.defer(() => transport.close());
  // what went well its report tells
  const quiet = { ...config, log: { ...config.log, level: "warn" as const } };
  const { log, close } = await openConfiguredLog(quiet, process.stderr);
  ending.defer(close);
  const { url: siteUrl, scriptName, scriptKey, timeout: timeoutMs } = config.site;
  const site = siteLog(
    new Shotgun(siteUrl, { scriptName, scriptKey, timeoutMs, transport, dates: "string" }),
  );
  const progress = (events: number) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${count(events)} events read from the site\x1b[K`);
  };
  const events = await readToEnd({
    journal: mending.journal,
    site,
    config,
    log: log.named("reader"),
    progress,
  });
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  return { seenAt: mending.seenAt, events, plugins: await mending.finish() };
}

function inWords({ seenAt, events, plugins }: ClusterRepair): string {
  return [
    `The database goes on from what this host saw of it on ${seenAt}: ${count(events)} events were read from the site again.`,
    ...plugins.map(
      ({ name, doubtful }) =>
        `${name}: up to ${count(doubtful)} events come next: none that this host knows it had, and those that it may have had are marked as redelivered.`,
    ),
    "Nothing is lost. Start the daemons of the cluster.",
  ].join("\n");
}
