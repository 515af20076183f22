/** Which host runs a plugin whose files are not the same everywhere, or not those that it ran with last. */
import { describe, expect, test } from "vitest";
import { agreedOn } from "../../src/daemon/cluster/agreement.ts";
import { Allotment } from "../../src/daemon/cluster/allotment.ts";
import { Copies } from "../../src/daemon/cluster/copies.ts";
import { Moved } from "../../src/daemon/cluster/moved.ts";
import { ranked } from "../../src/daemon/cluster/rendezvous.ts";
import type {
  Cluster,
  CopyMark,
  HostRecord,
  LaneJournal,
  LaneLease,
  PluginCopy,
} from "../../src/journal/journal.ts";
import { TestLog } from "./rig.ts";

const LEASE_MS = 3000;
const PATH = "/p/a.ts";
const FILE = { path: PATH, name: "a", language: "typescript" as const, folder: 0 };
const OLD = 1_000_000;
const NEW = 2_000_000;

interface Disk {
  content: string | null;
  changedAt: number;
}

/** Hosts with a file each, that see one another's words at once. */
class Hosts {
  time = 0;
  lane: LaneLease = {
    ...{ id: "a", path: PATH, owner: null, free: true, epoch: 1, version: 1, copy: null },
  };
  record: PluginCopy | null = null;
  readonly all = new Map<string, Host>();

  add(name: string, content: string | null, changedAt = OLD, labels: string[] = []): Host {
    const host = new Host(this, name, { content, changedAt }, labels);
    this.all.set(name, host);
    return host;
  }

  get records(): HostRecord[] {
    return [...this.all.values()].map(({ self }) => self);
  }

  /** Every host looks at its files; then those that may take the plugin, by name. */
  async takers(): Promise<string[]> {
    for (const host of this.all.values()) await host.copies.look(() => false);
    this.time += LEASE_MS * 2;
    const taken: string[] = [];
    for (const [name, host] of this.all)
      if (host.allotment.mayTake(FILE) && (await host.allotment.isFit(FILE))) taken.push(name);
    return taken;
  }

  /** It ran, or runs, on this host. */
  async ran(host: Host, more: Partial<LaneLease> = {}, runsOn: string | null = null): Promise<boolean> {
    const lane = {
      id: "a",
      epoch: 1,
      runsWith: async (copy: PluginCopy) => {
        const { files: _, ...mark } = copy;
        this.record = copy;
        this.lane = { ...this.lane, copy: { ...mark, host: host.name } };
      },
    } as unknown as LaneJournal;
    const modules = [{ path: PATH, sha256: host.disk.content! }];
    const stays = await host.allotment.loaded(FILE, lane, { modules, runsOn });
    this.lane = { ...this.lane, ...more };
    return stays;
  }
}

class Host {
  readonly name: string;
  readonly disk: Disk;
  readonly log = new TestLog();
  readonly copies: Copies;
  readonly allotment: Allotment;
  self: HostRecord;

  constructor(hosts: Hosts, name: string, disk: Disk, labels: string[]) {
    this.name = name;
    this.disk = disk;
    this.self = {
      ...{
        id: `id-${name}`,
        name,
        labels,
        weight: 1,
        version: "1",
        url: null,
        leaving: false,
        copies: {},
        moves: null,
      },
    };
    const host = this;
    const cluster = {
      leaseMs: LEASE_MS,
      looked: async () => {},
      get self() {
        return host.self;
      },
      get view() {
        return { hosts: hosts.records, lanes: [hosts.lane], reader: null };
      },
      copyOf: async () => hosts.record,
      tellCopies: async (copies: Record<string, CopyMark>) => {
        host.self = { ...host.self, copies };
      },
    } as unknown as Cluster;
    const look = async (paths: readonly string[]) =>
      paths.map(() => ({ sha256: disk.content ?? "absent", changedAt: disk.content ? disk.changedAt : 0 }));
    const now = () => hosts.time;
    this.copies = new Copies({ cluster, look, log: this.log, now });
    const moved = new Moved({ cluster, log: this.log });
    this.allotment = new Allotment({ cluster, copies: this.copies, moved, runsOn: {}, together: null, now });
  }
}

test("a plugin with the files that it ran with last does not wait until that is stored again", async () => {
  const hosts = new Hosts();
  const [ada, bob] = [hosts.add("ada", "v1"), hosts.add("bob", "v1")];
  await hosts.ran(ada);
  const lane = (content: string) => {
    const never = { id: "a", epoch: 2, runsWith: () => new Promise(() => {}) } as unknown as LaneJournal;
    const modules = [{ path: PATH, sha256: content }];
    return bob.allotment.loaded(FILE, never, { modules, runsOn: null });
  };
  expect(await lane("v1")).toBe(true);
  const later = Symbol("later");
  expect(await Promise.race([lane("v2"), new Promise((resolve) => setImmediate(() => resolve(later)))])).toBe(
    later,
  );
});

describe("a plugin whose host is gone", () => {
  test("is taken by a host that has its files, and by no other", async () => {
    const hosts = new Hosts();
    const gone = hosts.add("ada", "v2", NEW);
    hosts.add("bob", "v1");
    hosts.add("cyd", "v2", NEW);
    await hosts.ran(gone);
    hosts.all.delete("ada");
    expect(await hosts.takers()).toEqual(["cyd"]);
  });

  test("waits while all that are there have older files, and says so", async () => {
    const hosts = new Hosts();
    const gone = hosts.add("ada", "v2", NEW);
    const bob = hosts.add("bob", "v1");
    await hosts.ran(gone);
    hosts.all.delete("ada");
    for (let looks = 0; looks < 5; looks += 1) expect(await hosts.takers()).toEqual([]);
    expect(bob.allotment.waitsFor(PATH)).toBe("files");
    const told = bob.log.lines.filter(({ code }) => code === "PLUGIN_COPY");
    expect(told).toHaveLength(1);
    expect(told[0]!.message).toContain("other files than ada ran it with");
  });

  test("goes on with newer files that all have: somebody changed them while nobody ran it", async () => {
    const hosts = new Hosts();
    const gone = hosts.add("ada", "v1");
    hosts.add("bob", "v2", NEW);
    hosts.add("cyd", "v2", NEW);
    await hosts.ran(gone);
    hosts.all.delete("ada");
    expect((await hosts.takers()).length).toBeGreaterThan(0);
  });

  test("waits while those that are there have different ones", async () => {
    const hosts = new Hosts();
    const gone = hosts.add("ada", "v1");
    hosts.add("bob", "v2", NEW);
    hosts.add("cyd", "v3", NEW);
    await hosts.ran(gone);
    hosts.all.delete("ada");
    expect(await hosts.takers()).toEqual([]);
  });

  test("does not wait for a host that has no such file", async () => {
    const hosts = new Hosts();
    const gone = hosts.add("ada", "v1");
    hosts.add("bob", "v2", NEW);
    hosts.add("cyd", null);
    await hosts.ran(gone);
    hosts.all.delete("ada");
    expect(await hosts.takers()).toEqual(["bob"]);
  });

  test("is run with older files on the host where an operator says so, until they change again", async () => {
    const hosts = new Hosts();
    const gone = hosts.add("ada", "v2", NEW);
    const bob = hosts.add("bob", "v1");
    const cyd = hosts.add("cyd", "v0");
    await hosts.ran(gone);
    hosts.all.delete("ada");
    expect(await hosts.takers()).toEqual([]);
    expect(bob.allotment.adopt(FILE)).toBe(true);
    expect(await hosts.takers()).toEqual(["bob"]);
    bob.disk.content = "v0.1";
    expect(await hosts.takers()).toEqual([]);
    bob.disk.content = "v1";
    await hosts.ran(bob);
    expect(await hosts.takers()).toEqual(["bob"]);
    expect(cyd.allotment.waitsFor(PATH)).toBeNull();
    expect(bob.allotment.adopt(FILE)).toBe(false);
  });
});

test("a plugin that runs is not handed over to a host with other files", async () => {
  const hosts = new Hosts();
  const [best, owner] = ranked(
    [hosts.add("ada", "v1"), hosts.add("bob", "v1")].map(({ self }) => self),
    PATH,
  ).map(({ name }) => hosts.all.get(name)!);
  await hosts.ran(owner!, { owner: owner!.self.id, free: false });
  const better = async () => {
    await best!.copies.look(() => false);
    await owner!.allotment.changed(new AbortController().signal);
    hosts.time += LEASE_MS * 3;
    return owner!.allotment.betterFor(FILE)?.name ?? null;
  };
  expect(await better()).toBe(best!.name);
  best!.disk.content = "v0";
  expect(await better()).toBeNull();
  best!.disk.content = "v1";
  expect(await better()).toBe(best!.name);
});

describe("a plugin that asks for a label itself", () => {
  test("goes to the host that has it, once somebody has loaded it", async () => {
    const hosts = new Hosts();
    const ada = hosts.add("ada", "v1");
    const bob = hosts.add("bob", "v1", OLD, ["render"]);
    expect(await hosts.ran(ada, {}, "render")).toBe(false);
    expect(await hosts.takers()).toEqual(["bob"]);
    expect(await hosts.ran(bob, {}, "render")).toBe(true);
    hosts.all.delete("bob");
    expect(await hosts.takers()).toEqual([]);
    expect(ada.allotment.waitsFor(PATH)).toEqual({ label: "render" });
  });

  test("is loaded by any host when its file was changed while none has the label", async () => {
    const hosts = new Hosts();
    const ada = hosts.add("ada", "v1");
    await hosts.ran(ada, {}, "render");
    expect(await hosts.takers()).toEqual([]);
    ada.disk.content = "v2";
    ada.disk.changedAt = NEW;
    expect(await hosts.takers()).toEqual(["ada"]);
    expect(await hosts.ran(ada, {}, null)).toBe(true);
  });
});

test("hosts that have not said what they have are waited for", () => {
  const copy = { sha256: "v1", changedAt: OLD, host: "ada", runsOn: null };
  const lane = { id: "a", path: PATH, owner: null, free: true, epoch: 1, version: 1, copy };
  const says = { copies: { a: { sha256: "v2", changedAt: NEW } } };
  expect(agreedOn(lane, [says, says])).toEqual({ sha256: "v2", changedAt: NEW });
  expect(agreedOn(lane, [says, { copies: {} }])).toBeNull();
  expect(agreedOn(lane, [])).toBeNull();
});
