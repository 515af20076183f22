/** The hosts of a cluster and its database, as rows of `callsheet status`. */
import type { StatusView } from "../../server/views.ts";
import { dim, style } from "./command.ts";
import { ago, clock, count, duration } from "./words.ts";

type ClusterView = NonNullable<StatusView["cluster"]>;
type HostView = ClusterView["hosts"][number];

/** A row a host, and one of the database. */
export function clusterRows(cluster: ClusterView, version: string): string[][] {
  const { hosts, database, awaySince, readOnlySince } = cluster;
  const rows = hosts.map((host) => ["host", hostLine(host, cluster, version)]);
  const trouble = (since: string, what: string) =>
    style("red", `${what} since ${clock(since)}, ${ago(since)}`);
  const state = awaySince
    ? trouble(awaySince, "has not answered")
    : readOnlySince
      ? trouble(readOnlySince, "takes nothing (a standby, or set read-only)")
      : "answers";
  return [...rows, ["database", `${database}, ${state}`]];
}

function hostLine(host: HostView, { host: self, reader }: ClusterView, version: string): string {
  const { name, labels, plugins, url, startedAt, takeOvers, fenced } = host;
  const parts = [name === self ? `${name} (this one)` : name];
  if (labels.length > 0) parts.push(labels.join(" "));
  parts.push(plugins === 1 ? "1 plugin" : `${count(plugins)} plugins`);
  if (name === reader) parts.push("reads the site");
  if (startedAt !== null && name !== self) parts.push(`up ${duration(Date.now() - Date.parse(startedAt))}`);
  if (takeOvers) parts.push(`took over ${count(takeOvers)} from hosts that were gone`);
  if (fenced) parts.push(style("yellow", `lost ${count(fenced)} to others`));
  if (host.version !== version) parts.push(style("yellow", `version ${host.version}`));
  if (host.leaving) parts.push(style("yellow", "is being stopped"));
  if (url !== null && name !== self) parts.push(dim(url));
  return parts.join(", ");
}
