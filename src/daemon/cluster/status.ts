/** The cluster as one of its daemons tells of it. Times are ISO 8601 UTC. */
import type { Cluster } from "../../journal/journal.ts";
import type { ClusterFigures } from "./allotment.ts";
import { type LaneFiles, laneFiles } from "./differences.ts";
import type { Moved } from "./moved.ts";
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
  /** Since when it answers, but takes nothing; null while it does. */
  readOnlySince: string | null;
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
  plugins: {
    /** Of its lane; of one that never ran its path. */
    id: string;
    path: string;
    /** Who runs it; null: nobody does at the moment. */
    host: string | null;
    epoch: number;
    /** Why nobody can; null: somebody does, or will in a moment. A label is one that no host has. */
    waitsFor: "files" | { label: string } | null;
    /** Where this host has its file, so that it does not take it over while another has it; null: at `path`, or not known. */
    here: string | null;
    files: LaneFiles;
  }[];
}

export interface Placement {
  figures: ClusterFigures;
  /** Paths of plugins that no host ever ran. */
  neverRun(): string[];
  moved: Pick<Moved, "hereOf">;
  waitsFor(path: string): ClusterStatus["plugins"][number]["waitsFor"];
}

/** @param said what a host tells of itself, by `HostRecord.id`; null: nothing yet */
export function clusterStatus(
  cluster: Cluster,
  placement: Placement,
  said: (id: string) => HostWords | null,
): ClusterStatus {
  const { takeOvers, fenced } = placement.figures;
  const { self, view, where, awaySince, readOnlySince, leaseMs } = cluster;
  const names = new Map((view?.hosts ?? []).map(({ id, name }) => [id, name]));
  const hostOf = (lease: { owner: string | null; free: boolean }) =>
    lease.free || lease.owner === null ? null : (names.get(lease.owner) ?? null);
  const plugins = (view?.lanes ?? []).map((lane) => ({
    id: lane.id,
    path: lane.path,
    host: hostOf(lane),
    epoch: lane.epoch,
    waitsFor: placement.waitsFor(lane.path),
    here: placement.moved.hereOf(lane),
    files: laneFiles(lane, view!.hosts),
  }));
  const fresh = placement.neverRun().map((path) => ({
    ...{ id: path, path, host: null, epoch: 0 },
    waitsFor: placement.waitsFor(path),
    here: null,
    files: { ran: null, others: [] },
  }));
  return {
    host: self.name,
    reader: view?.reader ? hostOf(view.reader) : null,
    database: where,
    awaySince,
    readOnlySince,
    leaseMs,
    takeOvers,
    fenced,
    hosts: (view?.hosts ?? []).map(({ id, copies: _, moves: __, ...host }) => ({
      ...host,
      plugins: plugins.filter((plugin) => plugin.host === host.name).length,
      ...(said(id) ?? { startedAt: null, takeOvers: null, fenced: null }),
    })),
    plugins: [...plugins, ...fresh],
  };
}
