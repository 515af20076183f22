/** A daemon that stands by looks at the leases for months: nothing of a look stays. */
import { getEventListeners } from "node:events";
import { queryObjects } from "node:v8";
import { describe, expect, test } from "vitest";
import { openPlacement } from "../../src/daemon/cluster/open.ts";
import { Reach } from "../../src/daemon/cluster/reach.ts";
import { readByTurns } from "../../src/daemon/cluster/reading.ts";
import { Fleet } from "../../src/daemon/fleet.ts";
import { Happenings } from "../../src/daemon/happenings.ts";
import { openOrder } from "../../src/daemon/order.ts";
import type { PostgresCluster } from "../../src/journal/postgres/cluster.ts";
import { scanFolders } from "../../src/plugins/scan.ts";
import { ModuleWatch } from "../../src/plugins/watch.ts";
import { TestLog, temporaryFolder } from "../daemon/rig.ts";
import { useJournals } from "../journal/postgres/use-journals.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";

const LOOKS = 300;
const MEMBER = { labels: [], weight: 1, version: "1", leaseMs: 5000 };
const never = () => Promise.reject(new Error("not here"));

describe.skipIf(withoutPostgres)("a daemon that stands by", { timeout: 120_000 }, () => {
  const journals = useJournals(useServer());
  const member = async (name: string) => {
    const journal = await journals.open({ member: { name, ...MEMBER } });
    return { journal, cluster: journal.cluster as PostgresCluster };
  };
  const looks = async (cluster: PostgresCluster, number: number) => {
    const late = AbortSignal.timeout(60_000);
    for (let i = 0; i < number; i += 1) {
      const looked = cluster.looked(late);
      cluster.poke();
      await looked;
    }
  };
  /** Until it is told to end. */
  const standBy = async (work: (cluster: PostgresCluster, signal: AbortSignal) => Promise<void>) => {
    journals.freshSchema();
    const ada = await member("ada");
    await ada.cluster.openReader(null);
    const { cluster } = await member("bob");
    await looks(cluster, 1);
    const end = new AbortController();
    const over = work(cluster, end.signal);
    await looks(cluster, 10);
    const before = held(end.signal);
    await looks(cluster, LOOKS);
    const after = held(end.signal);
    end.abort();
    await over;
    return { before, after };
  };

  test("waits for its turn to read, and keeps nothing of each look", async () => {
    const { before, after } = await standBy((cluster, signal) => {
      const reach = new Reach({ cluster, siteAwayMs: () => 0 });
      return readByTurns({ cluster, read: never, reach, log: new TestLog() }, signal);
    });
    expect(after.listeners).toBeLessThanOrEqual(before.listeners + 1);
    expect(after.promises).toBeLessThan(before.promises + LOOKS / 4);
  });

  test("looks which plugins are its to run, and keeps nothing of each look", async () => {
    const folder = temporaryFolder();
    const { before, after } = await standBy(async (cluster, signal) => {
      const [log, watch] = [new TestLog(), new ModuleWatch()];
      const journal = journals.opened.at(-1)!;
      const config = { order: "independent", shutdownTimeout: 1000 } as const;
      const fleet = new Fleet({
        ...{ folders: [folder], scan: scanFolders, changed: async () => [], start: never, journal, log },
        ...openPlacement(cluster, config, { watch, start: never, log }),
        order: openOrder("independent"),
        happenings: new Happenings(log),
        ...{ reloadIntervalMs: 60_000, graceMs: 1000 },
      });
      await fleet.run(signal);
    });
    expect(after.listeners).toBeLessThanOrEqual(before.listeners + 1);
    expect(after.promises).toBeLessThan(before.promises + LOOKS / 4);
  });
});

/** What waits for this signal, and all promises that are alive after a collection. */
function held(signal: AbortSignal): { listeners: number; promises: number } {
  return {
    listeners: getEventListeners(signal, "abort").length,
    promises: queryObjects(Promise, { format: "count" }),
  };
}
