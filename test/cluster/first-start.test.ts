/** On a database that nobody has read the site into yet, each plugin begins where `start` says, whichever host comes to run it, and when. */
import { describe, expect, test } from "vitest";
import { ranked } from "../../src/daemon/cluster/rendezvous.ts";
import type { PostgresJournal } from "../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { openTestSandbox, until } from "../daemon/rig.ts";
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
});
