/** Which daemon runs which plugin, by what it sees of the cluster. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ranked } from "../../src/daemon/cluster/rendezvous.ts";
import { clusterOf, file, host, LEASE_MS, lease } from "./placement-rig.ts";

const THREE = ["ada", "bob", "cyd"].map((name) => host(name));

describe("rendezvous", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,8}$/), { minLength: 2, maxLength: 8 });

  test("moves nothing but what a host leaves when it goes", () => {
    fc.assert(
      fc.property(names, fc.string(), (all, key) => {
        const hosts = all.map((name) => host(name));
        const [first, ...others] = ranked(hosts, key);
        for (const gone of others) {
          const left = hosts.filter(({ id }) => id !== gone.id);
          expect(ranked(left, key)[0]).toBe(first);
        }
      }),
    );
  });

  test("gives a host its share by its weight", () => {
    const hosts = [host("ada"), host("bob", { weight: 3 })];
    const keys = Array.from({ length: 4000 }, (_, index) => `/plugins/${index}.ts`);
    const bobs = keys.filter((key) => ranked(hosts, key)[0]!.name === "bob").length;
    expect(bobs / keys.length).toBeGreaterThan(0.7);
    expect(bobs / keys.length).toBeLessThan(0.8);
  });
});

describe("an allotment", () => {
  test("a plugin that nobody has is taken by one host at once, and by the next when that one does not", () => {
    const { view, seenBy, pass } = clusterOf(THREE);
    view.lanes = [lease("a")];
    const byRank = ranked(THREE, "/p/a.ts").map(seenBy);
    const takers = () => byRank.map((each) => each.mayTake(file("a")));
    expect(takers()).toEqual([true, false, false]);
    pass(LEASE_MS / 3);
    expect(takers()).toEqual([true, true, false]);
    pass(LEASE_MS / 3);
    expect(takers()[2]).toBe(true);
  });

  test("the host whose lease has run out is not waited for, and of those that are left each only for a moment", () => {
    const { view, seenBy, pass } = clusterOf(THREE);
    const [dead, ...left] = ranked(THREE, "/p/a.ts");
    view.lanes = [lease("a", { owner: dead!.id })];
    const heirs = left.map(seenBy);
    const takers = () => heirs.map((each) => each.mayTake(file("a")));
    expect(takers()).toEqual([true, false]);
    pass(LEASE_MS / 6);
    expect(takers()[1]).toBe(true);
  });

  test("a host that came when the lease had run out cannot know that yet, and is not waited for", async () => {
    const { view, seenBy, look, pass } = clusterOf(THREE);
    const [dead, fresh, other] = ranked(THREE, "/p/a.ts");
    view.hosts = [dead!, other!];
    view.lanes = [lease("a", { owner: dead!.id, free: false })];
    const heir = seenBy(other!);
    await look(heir);
    pass(LEASE_MS);
    view.hosts = [fresh!, other!];
    view.lanes = [lease("a", { owner: dead!.id })];
    await look(heir);
    expect(heir.mayTake(file("a"))).toBe(true);
    // what was given back is known to all at once
    view.lanes = [lease("b")];
    const [first] = ranked(view.hosts, "/p/b.ts");
    expect(seenBy(first!).mayTake(file("b"))).toBe(true);
  });

  test("labels keep a plugin on the hosts that have them", () => {
    const hosts = [host("ada"), host("bob", { labels: ["render"] })];
    const { seenBy } = clusterOf(hosts, { runsOn: { a: "render" } });
    expect(hosts.map((each) => seenBy(each).mayTake(file("a")))).toEqual([false, true]);
    const nowhere = clusterOf(hosts, { runsOn: { a: "gpu" } });
    expect(hosts.map((each) => nowhere.seenBy(each).mayTake(file("a")))).toEqual([false, false]);
  });

  test("a plugin that runs moves to a better host when that has been there for two leases, and only once", async () => {
    const [best, other] = ranked([host("ada"), host("bob")], "/p/a.ts");
    const { view, seenBy, look, pass } = clusterOf([other!]);
    const owner = seenBy(other!);
    view.lanes = [lease("a", { owner: other!.id, free: false })];
    await look(owner);
    view.hosts.push(best!);
    await look(owner);
    expect(owner.betterFor(file("a"))).toBeNull();
    pass(2 * LEASE_MS);
    expect(owner.betterFor(file("a"))).toBe(best);
    owner.offered(file("a"), best!);
    // it does not take it
    view.lanes = [lease("a")];
    expect(owner.mayTake(file("a"))).toBe(false);
    pass(LEASE_MS);
    expect(owner.mayTake(file("a"))).toBe(true);
    expect(owner.betterFor(file("a"))).toBeNull();
  });

  test("a plugin that the best host was too slow to take stays with who took it for two leases", async () => {
    const { view, seenBy, look, pass } = clusterOf(THREE);
    const [slow, second] = ranked(THREE, "/p/a.ts");
    const heir = seenBy(second!);
    await look(heir);
    pass(2 * LEASE_MS);
    view.lanes = [lease("a")];
    expect(heir.mayTake(file("a"))).toBe(false);
    pass(LEASE_MS / 3);
    expect(heir.mayTake(file("a"))).toBe(true);
    view.lanes = [lease("a", { owner: second!.id, free: false })];
    await look(heir);
    expect(heir.betterFor(file("a"))).toBeNull();
    pass(2 * LEASE_MS);
    expect(heir.betterFor(file("a"))).toBe(slow);
  });

  test("plugins that are to stay together wait until one host can have them all", () => {
    const { view, seenBy } = clusterOf(THREE, { together: true });
    const [first] = ranked(THREE, "");
    view.lanes = [lease("a"), lease("b", { owner: "id-of-another", free: false })];
    expect(seenBy(first!).mayTake(file("a"))).toBe(false);
    view.lanes = [lease("a"), lease("b")];
    expect(seenBy(first!).mayTake(file("a"))).toBe(true);
  });
});
