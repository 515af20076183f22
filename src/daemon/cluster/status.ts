/** The cluster as one of its daemons tells of it. Times are ISO 8601 UTC. */
import type { Cluster } from "../../journal/journal.ts";
import type { ClusterFigures } from "./allotment.ts";
import type { HostWords } from "./words.ts";

export interface ClusterStatus {
  /** Name of this host. */
  host: string;
  /** Name of the host that reads the site; null: nobody does at the moment. */
  reader: string | null;
  /** Where the database is, for people; no secret. */
  database: string;
  /** Since when it has not answered; null while it does. */
  awaySince: string | null;
  leaseMs: number;
  /** Since the start: leases that this daemon took from one that was not heard of, and those that it lost to another. */
  takeOvers: number;
  fenced: number;
  /** By name, this one among them. */
  hosts: {
    name: string;
    labels: readonly string[];
    weight: number;
    version: string;
    url: string | null;
    leaving: boolean;
    /** How many plugins it runs. */
    plugins: number;
    /** null: it has not said yet. */
    startedAt: string | null;
    takeOvers: number | null;
    fenced: number | null;
  }[];
  /** Who runs which plugin; null: nobody does at the moment. */
  plugins: { id: string; path: string; host: string | null; epoch: number }[];
}

/** @param said what a host tells of itself, by `HostRecord.id`; null: nothing yet */
export function clusterStatus(
  cluster: Cluster,
  { takeOvers, fenced }: ClusterFigures,
  said: (id: string) => HostWords | null,
): ClusterStatus {
  const { self, view, where, awaySince, leaseMs } = cluster;
  const names = new Map((view?.hosts ?? []).map(({ id, name }) => [id, name]));
  const hostOf = (lease: { owner: string | null; free: boolean }) =>
    lease.free || lease.owner === null ? null : (names.get(lease.owner) ?? null);
  const plugins = (view?.lanes ?? []).map((lane) => ({
    id: lane.id,
    path: lane.path,
    host: hostOf(lane),
    epoch: lane.epoch,
  }));
  return {
    host: self.name,
    reader: view?.reader ? hostOf(view.reader) : null,
    database: where,
    awaySince,
    leaseMs,
    takeOvers,
    fenced,
    hosts: (view?.hosts ?? []).map(({ id, ...host }) => ({
      ...host,
      plugins: plugins.filter((plugin) => plugin.host === host.name).length,
      ...(said(id) ?? { startedAt: null, takeOvers: null, fenced: null }),
    })),
    plugins,
  };
}
