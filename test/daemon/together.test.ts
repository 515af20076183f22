/** When a daemon takes the lease of all lanes, opens lanes by it, and gives it back: by what it sees of the cluster. */
import { expect, test } from "vitest";
import { Together } from "../../src/daemon/cluster/together.ts";
import type { Cluster, ClusterView, Lease } from "../../src/journal/journal.ts";
import { host, lease } from "./placement-rig.ts";
import { TestLog } from "./rig.ts";

const SELF = host("ada");

/** A lease that is held until it is given back. */
class TestLease implements Lease {
  readonly held = new AbortController().signal;
  readonly sureUntil = Number.POSITIVE_INFINITY;
  ended = false;
  async sure() {}
  async release() {
    this.ended = true;
  }
}

function rig() {
  const view: ClusterView = { hosts: [SELF], lanes: [], reader: null, together: null, commands: [] };
  const leases: TestLease[] = [];
  const cluster = {
    self: SELF,
    view,
    async openTogether() {
      leases.push(new TestLease());
      return leases.at(-1)!;
    },
  } as unknown as Cluster;
  const together = new Together({ cluster, log: new TestLog() });
  let taken = 0;
  const before = (due: number, isEmpty: boolean) =>
    together.before(due, isEmpty, (lanes) => {
      taken += lanes;
    });
  /** The look that comes after. */
  const look = () => {
    const free = leases.at(-1)!.ended;
    const owner = free ? null : SELF.id;
    view.together = { owner, free, epoch: leases.length, version: 1 };
    view.lanes = view.lanes.map((lane) => ({ ...lane, owner, free: true }));
  };
  return { view, leases, together, before, look, taken: () => taken };
}

test("lanes are opened once it is held, and the lanes were looked at since", async () => {
  const { view, leases, together, before, look, taken } = rig();
  view.lanes = [lease("a", { owner: "id-of-one-that-died" }), lease("b")];
  expect(together.isFree).toBe(true);
  await before(2, true);
  expect([leases.length, taken(), together.isHere]).toEqual([1, 1, false]);
  // as of the look before
  await before(2, true);
  expect(leases).toHaveLength(1);
  look();
  expect(before(2, true)).toBeNull();
});

test("it is not taken without need, beside lanes of its own, or while another host has one", async () => {
  const { view, leases, before } = rig();
  await before(0, true);
  await before(1, false);
  view.lanes = [lease("a", { owner: "id-bob", free: false })];
  await before(1, true);
  view.lanes = [];
  view.together = { owner: "id-bob", free: false, epoch: 1, version: 1 };
  await before(1, true);
  expect(leases).toEqual([]);
});

test("it is given back when there is nothing to run by it", async () => {
  const { leases, before, look } = rig();
  await before(1, true);
  look();
  await before(0, false);
  expect(leases[0]!.ended).toBe(false);
  await before(0, true);
  expect(leases[0]!.ended).toBe(true);
});

test("when all goes to another host nothing is opened any more, and it goes with the last lane", async () => {
  const { leases, together, before, look } = rig();
  await before(2, true);
  look();
  await together.emptied(false);
  expect(leases[0]!.ended).toBe(false);
  together.handOver();
  await before(1, false);
  expect([together.isHere, leases[0]!.ended]).toEqual([false, false]);
  await together.emptied(false);
  expect(leases[0]!.ended).toBe(true);
});

test("one whose lanes took too long to be given back is given back by the next look", async () => {
  const { leases, together, before, look } = rig();
  await before(2, true);
  look();
  together.handOver();
  await before(0, true);
  expect(leases[0]!.ended).toBe(true);
  look();
  expect(together.isFree).toBe(true);
});
