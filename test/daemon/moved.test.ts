/** Hosts that have the same plugin at different paths: who takes its lane, and when. */
import { describe, expect, test } from "vitest";
import { Moved } from "../../src/daemon/cluster/moved.ts";
import { clusterOf, file, host, LEASE_MS, lease } from "./placement-rig.ts";
import { TestLog } from "./rig.ts";

const AT = "/mnt/one.ts";
const HERE = file("one");
const [ADA, BOB] = [host("ada"), host("bob")];

describe("a plugin whose lane has another path", () => {
  /** The lane, as bob has found it by the name of its file. */
  const foundBy = (owner: string | null, hosts = [ADA, BOB]) => {
    const { view, seenBy, pass } = clusterOf(hosts);
    const set = (more: object) => {
      view.lanes = [{ ...lease("one"), path: AT, ...more }];
    };
    set({ owner, free: owner === null });
    const bob = seenBy(BOB);
    return { bob, set, pass, found: () => bob.moved.mayTake(HERE, { id: "one", path: AT }) };
  };

  test("is left to the host that runs it, and counts as no new plugin", () => {
    const { bob, found } = foundBy(ADA.id);
    bob.due([HERE]);
    expect(bob.neverRun()).toEqual([HERE.path]);
    expect(found()).toBe(false);
    expect(bob.mayTake(HERE)).toBe(false);
    expect(bob.neverRun()).toEqual([]);
    expect(bob.moved.hereOf({ id: "one" })).toBe(HERE.path);
  });

  test("is taken when that host is gone; one that has its file where it was comes first", () => {
    const { bob, set, pass, found } = foundBy(ADA.id);
    found();
    set({ owner: ADA.id });
    expect(bob.mayTake(HERE)).toBe(true);
    set({ owner: "cyd", free: false });
    expect(bob.mayTake(HERE)).toBe(false);
    set({ owner: null });
    expect(bob.mayTake(HERE)).toBe(false);
    pass(2 * LEASE_MS);
    expect(bob.mayTake(HERE)).toBe(true);
    expect(found()).toBe(true);
    expect(bob.moved.hereOf({ id: "one" })).toBeNull();
  });

  test("is looked for anew when it has another path by now, and told of once a path", () => {
    const { view } = clusterOf([ADA, BOB]);
    const log = new TestLog();
    const moved = new Moved({ cluster: { view } as never, log });
    view.lanes = [{ ...lease("one"), path: AT, owner: ADA.id, free: false }];
    for (const path of [AT, AT, "/Volumes/one.ts"]) {
      expect(moved.mayTake(HERE, { id: "one", path })).toBe(false);
      expect(moved.laneOf(HERE.path)?.id).toBe(path === AT ? "one" : undefined);
    }
    expect(log.lines.map(({ message }) => message.split(":")[0])).toEqual([
      `one is at ${HERE.path} on this machine, and ada runs it from ${AT}`,
      `one is at ${HERE.path} on this machine, and ada runs it from /Volumes/one.ts`,
    ]);
  });
});
