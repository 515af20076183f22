/** On a database that nobody has read the site into yet, each plugin begins where `start` says, whichever host comes to run it, and when. */
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { Allotment } from "../../src/daemon/cluster/allotment.ts";
import { Copies } from "../../src/daemon/cluster/copies.ts";
import { keepPlaces } from "../../src/daemon/cluster/keep-places.ts";
import { Moved } from "../../src/daemon/cluster/moved.ts";
import { ranked } from "../../src/daemon/cluster/rendezvous.ts";
import type { PluginFile } from "../../src/daemon/host.ts";
import { type Known, Opening, type OpeningParts } from "../../src/daemon/opening.ts";
import { openOrder } from "../../src/daemon/order.ts";
import type { PostgresJournal } from "../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { file } from "../daemon/placement-rig.ts";
import { openTestSandbox, TestLog, until } from "../daemon/rig.ts";
import { CHANGE, ids, recorder } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { appendIds } from "../journal/support.ts";
import { testCluster } from "./hosts.ts";

/** Of a host that comes first for every plugin. */
const HEAVY = 1_000_000;

describe.skipIf(withoutPostgres)("the first start of a cluster", { timeout: 120_000 }, () => {
  const server = useServer();

  /** ada can be started, beside a daemon that comes first for every plugin, and has not opened any yet. */
  const besideSlow = async (
    work: (parts: {
      cluster: ReturnType<typeof testCluster>;
      slow: PostgresJournal;
      sandbox: Awaited<ReturnType<typeof openTestSandbox>>;
    }) => Promise<void>,
  ) => {
    const sandbox = await openTestSandbox();
    const schema = server.freshSchema();
    const plugins = { "one.ts": recorder("one"), "two.ts": recorder("two") };
    const more = {
      start: sandbox.site.events.newestId + 1,
      // ada waits a third of it
      cluster: { url: server.url, schema, lease: "9s" },
    };
    const cluster = testCluster({ sandbox, database: server.url, schema, plugins, places: {}, more });
    const slow = await openPostgresJournal({
      ...{ url: server.url, schema },
      member: { name: "slow", labels: [], weight: HEAVY, version: "1", leaseMs: 9000 },
    });
    try {
      await work({ cluster, slow, sandbox });
    } finally {
      await slow.close();
    }
  };
  const isFirst = ({ cluster }: PostgresJournal) =>
    ["one", "two"].every((name) => ranked(cluster!.view!.hosts, name)[0]!.name === "slow");

  test("a plugin whose host takes its time gets what another has read meanwhile", () =>
    besideSlow(async ({ cluster, slow, sandbox }) => {
      const { first, last } = sandbox.site.events.add([CHANGE, CHANGE, CHANGE]);
      const ada = await cluster.start("ada");
      await until(() => slow.head.lastSeq === 3);
      expect(isFirst(slow)).toBe(true);
      expect(await slow.lanes()).toMatchObject([{ startSeq: 0 }, { startSeq: 0 }]);
      for (const plugin of ["one", "two"])
        await until(
          () => ids(cluster.folder, plugin).includes(last),
          () => `${plugin}: ${JSON.stringify(ada.log.lines)}`,
        );
      expect(ids(cluster.folder, "one")).toEqual([first, first + 1, last]);
      expect(ids(cluster.folder, "two")).toEqual([first, first + 1, last]);
    }));

  test("a plugin that only a host has which does not read begins there too, once that has found it", () =>
    besideSlow(async ({ cluster, slow }) => {
      await slow.cluster!.openReader(null);
      await cluster.start("ada");
      await appendIds(slow, [1, 2, 3]);
      for (const plugin of ["one", "two"]) {
        await until(() => ids(cluster.folder, plugin).includes(3));
        expect(ids(cluster.folder, plugin)).toEqual([1, 2, 3]);
      }
    }));

  test("a plugin begins there, too, when another reads while it is being opened, or given its place", async () => {
    const schema = server.freshSchema();
    const open = async (name: string) => {
      const member = { name, labels: [], weight: 1, version: "1", leaseMs: 9000 };
      const journal = await openPostgresJournal({ url: server.url, schema, member });
      onTestFinished(() => journal.close());
      return journal;
    };
    const [ada, bob] = [await open("ada"), await open("bob")];
    const { cluster } = bob;
    const parts = { cluster: cluster!, log: new TestLog(), journal: bob };
    const copies = new Copies({ ...parts, look: async () => [] });
    const moved = new Moved(parts);
    const allotment = new Allotment({ ...parts, copies, moved, runsOn: {}, together: null });
    const other = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
    await other.connect();
    onTestFinished(() => other.end());
    const begins: number[] = [];
    const opening = new Opening({
      ...{ ...parts, allotment, handOver: null, order: openOrder("independent") },
      add: async (_file: PluginFile, { startSeq }: Known) => void begins.push(startSeq),
    } as unknown as OpeningParts);
    // bob is not told of the lanes meanwhile
    await other.query("BEGIN; LOCK TABLE lane IN ACCESS EXCLUSIVE MODE");
    const opened = opening.open([file("two")], [file("two")]);
    const kept = keepPlaces({ allotment, journal: bob }, [file("one")]);
    await appendIds(ada, [1, 2, 3]);
    await until(() => bob.head.lastSeq === 3);
    await other.query("COMMIT");
    await Promise.all([opened, kept]);
    expect(await bob.lanes()).toMatchObject([{ name: "one", startSeq: 0 }]);
    expect(begins).toEqual([0]);
  });
});
