/** When a host leaves the reading of the site to the others of its cluster, and when it takes it again. */
import { expect, test } from "vitest";
import { Reach } from "../../src/daemon/cluster/reach.ts";
import type { ClusterView } from "../../src/journal/journal.ts";
import { host, LEASE_MS } from "./placement-rig.ts";

const PATIENCE_MS = 30_000;
const RARELY_MS = 600_000;
const [ADA, BOB] = [host("ada"), host("bob")];

/** Of ada. The site has not answered since `awaySince`. */
function reachOf(hosts = [ADA, BOB]) {
  const at = { time: 1000, awaySince: null as number | null };
  const reader = (owner: string | null) => ({ owner, free: owner === null, epoch: 1, version: 1 });
  const view: ClusterView = { hosts, lanes: [], reader: reader(null), together: null, commands: [] };
  const reach = new Reach({
    cluster: { view, self: ADA, leaseMs: LEASE_MS },
    siteAwayMs: () => (at.awaySince === null ? 0 : at.time - at.awaySince),
    now: () => at.time,
  });
  return { at, reach, readBy: (owner: string | null) => Object.assign(view, { reader: reader(owner) }) };
}

test("it is given back when the site has not answered for a while, counted from when the turn began", () => {
  const { at, reach } = reachOf();
  at.awaySince = 0;
  at.time = 100_000;
  reach.began();
  expect(reach.isInVain()).toBe(false);
  at.time += PATIENCE_MS;
  expect(reach.isInVain()).toBe(true);
  at.awaySince = null;
  expect(reach.isInVain()).toBe(false);
});

test("it is kept where nobody else is there, or who is there is about to leave", () => {
  for (const hosts of [[ADA], [ADA, { ...BOB, leaving: true }]]) {
    const { at, reach } = reachOf(hosts);
    at.awaySince = 0;
    at.time = RARELY_MS;
    expect(reach.isInVain()).toBe(false);
  }
});

test("it is left to the others then, taken when none of them takes it, and kept for long", () => {
  const { at, reach, readBy } = reachOf();
  at.awaySince = at.time;
  reach.began();
  at.time += PATIENCE_MS;
  reach.gaveBack();
  expect(reach.mayTake()).toBe(false);
  readBy(BOB.id);
  at.time += PATIENCE_MS;
  expect(reach.mayTake()).toBe(false);
  readBy(null);
  expect(reach.mayTake()).toBe(false);
  at.time += LEASE_MS;
  expect(reach.mayTake()).toBe(true);
  reach.began();
  at.time += PATIENCE_MS;
  expect(reach.isInVain()).toBe(false);
  at.time += RARELY_MS;
  expect(reach.isInVain()).toBe(true);
});

test("it is anybody's again when the site has answered here, or after a while", () => {
  const { at, reach } = reachOf();
  expect(reach.mayTake()).toBe(true);
  reach.gaveBack();
  expect(reach.mayTake()).toBe(false);
  expect(reach.isInVain()).toBe(false);
  expect(reach.mayTake()).toBe(true);
  at.awaySince = at.time;
  reach.gaveBack();
  at.time += RARELY_MS;
  expect(reach.mayTake()).toBe(true);
});
