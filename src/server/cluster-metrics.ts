/** Metrics of one host of a cluster. What is said of plugins, the reader and the journal is said by one host: sums over all hosts are right. */
import { ACTIVITIES } from "../daemon/activities.ts";
import type { ClusterStatus } from "../daemon/cluster/status.ts";
import type { LaneStatus } from "../daemon/lane-status.ts";
import type { Add, Labels } from "./metric-kinds.ts";

/** The host that runs a plugin tells of it; of one that no host runs, the one that reads the site. */
export function tellsOf({ host }: LaneStatus, cluster: ClusterStatus | undefined): boolean {
  if (!cluster) return true;
  return (host ?? cluster.reader) === cluster.host;
}

export function statesOf(
  lanes: readonly LaneStatus[],
  cluster: ClusterStatus | undefined,
): [Labels, number][] {
  return lanes.flatMap((lane) => {
    const now = tellsOf(lane, cluster) ? lane.activity : "elsewhere";
    return ACTIVITIES.map((state): [Labels, number] => [{ plugin: lane.name, state }, state === now ? 1 : 0]);
  });
}

export function clusterMetrics(cluster: ClusterStatus, gauge: Add, counter: Add): void {
  const { hosts, host, reader, plugins, takeOvers, fenced, awaySince } = cluster;
  gauge("cluster_hosts", "Hosts that this one sees, itself among them.", hosts.length);
  gauge("cluster_database_away", "1 while the database does not answer.", awaySince === null ? 0 : 1);
  gauge("cluster_reads", "1 on the host that reads the site.", reader === host ? 1 : 0);
  gauge("cluster_plugins", "Plugins that this host runs.", plugins.filter((one) => one.host === host).length);
  gauge(
    "cluster_database_away_seconds",
    "Since the database answered last; 0 while it does.",
    awaySince === null ? 0 : Math.max(0, Date.now() - Date.parse(awaySince)) / 1000,
  );
  counter("lease_takeovers_total", "Leases taken from a host that was not heard of.", takeOvers);
  counter("commit_fenced_total", "Leases lost to another host, whose writes were refused.", fenced);
}
