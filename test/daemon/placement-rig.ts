/** The same cluster as each of its hosts sees it, for tests of who runs what. */
import { Allotment } from "../../src/daemon/cluster/allotment.ts";
import { Copies } from "../../src/daemon/cluster/copies.ts";
import { Moved } from "../../src/daemon/cluster/moved.ts";
import { Together } from "../../src/daemon/cluster/together.ts";
import type { Cluster, ClusterView, HostRecord, LaneLease } from "../../src/journal/journal.ts";
import { TestLog } from "./rig.ts";

export const LEASE_MS = 3000;
export const host = (name: string, more: Partial<HostRecord> = {}): HostRecord => ({
  id: `id-${name}`,
  name,
  labels: [],
  weight: 1,
  version: "1",
  url: null,
  leaving: false,
  copies: {},
  moves: { offers: {}, ready: [] },
  ...more,
});
export const file = (name: string) => ({
  path: `/p/${name}.ts`,
  name,
  language: "typescript" as const,
  folder: 0,
});
export const lease = (name: string, more: Partial<LaneLease> = {}): LaneLease => ({
  id: name,
  path: `/p/${name}.ts`,
  owner: null,
  free: true,
  epoch: 1,
  version: 1,
  copy: null,
  ...more,
});

/** The same cluster as each of its hosts sees it, on a clock that the test moves. */
export function clusterOf(
  hosts: HostRecord[],
  options: { runsOn?: Record<string, string>; together?: boolean } = {},
) {
  let time = 0;
  const view: ClusterView & { hosts: HostRecord[]; lanes: LaneLease[] } = {
    hosts,
    lanes: [],
    reader: null,
    together: null,
    commands: [],
  };
  const seenBy = (self: HostRecord) => {
    const cluster = { self, leaseMs: LEASE_MS, view, looked: async () => {} } as unknown as Cluster;
    const log = new TestLog();
    const copies = new Copies({ cluster, look: async () => [], log });
    const moved = new Moved({ cluster, log });
    const together = options.together ? new Together({ cluster, log }) : null;
    return new Allotment({
      ...{ cluster, copies, moved, runsOn: {}, now: () => time },
      ...options,
      together,
    });
  };
  const never = new AbortController().signal;
  return {
    view,
    seenBy,
    look: (allotment: Allotment) => allotment.changed(never),
    pass: (ms: number) => {
      time += ms;
    },
  };
}
