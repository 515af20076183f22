/** A site that one host of a cluster cannot reach: another reads it, without anybody having died. */
import { afterEach, describe, expect, test } from "vitest";
import { Reach } from "../../src/daemon/cluster/reach.ts";
import { readByTurns } from "../../src/daemon/cluster/reading.ts";
import { Happenings } from "../../src/daemon/happenings.ts";
import { Reader } from "../../src/daemon/reader.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { logOf, openTestSandbox, TestLog, until } from "../daemon/rig.ts";
import { CHANGE } from "../daemon/whole.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";

const NOWHERE = "http://127.0.0.1:9";
const LEASE_MS = 3000;

describe.skipIf(withoutPostgres)("the reading", { timeout: 120_000 }, () => {
  const server = useServer();
  const ending: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  test("goes to a host that reaches the site", async () => {
    const sandbox = await openTestSandbox();
    const schema = server.freshSchema();
    /** A daemon as far as it reads. */
    const start = async (name: string, url: string) => {
      const log = new TestLog();
      const member = { name, labels: [], weight: 1, version: "1", leaseMs: LEASE_MS };
      const journal = await openPostgresJournal({ url: server.url, schema, member });
      ending.push(() => journal.close());
      const reader = new Reader({
        ...{ site: logOf({ ...sandbox, url }), journal, log, happenings: new Happenings(log) },
        ...{ start: "earliest", fetchIntervalMs: 20, batchSize: 500, parallelFetches: 1 },
        gapTimeoutMs: 60_000,
      });
      const cluster = journal.cluster!;
      const reach = new Reach({ cluster, siteAwayMs: () => reader.contact.awayMs, patienceMs: 1 });
      const stopping = new AbortController();
      const read = (signal: AbortSignal) => reader.run(signal);
      const done = readByTurns({ cluster, read, reach, log }, stopping.signal);
      ending.push(async () => {
        stopping.abort();
        await done;
      });
      return { log, journal, cluster };
    };
    const ada = await start("ada", NOWHERE);
    await ada.log.line("the site cannot be asked");
    // nobody else is there
    await until(() => ada.cluster.view?.reader?.owner === ada.cluster.self.id, undefined, 60_000);
    const bob = await start("bob", sandbox.url);
    await ada.log.line("the site does not answer this host");
    sandbox.site.events.add([CHANGE]);
    await until(() => bob.journal.head.lastSeq > 0, undefined, 60_000);
    await until(() => bob.cluster.view?.reader?.owner === bob.cluster.self.id, undefined, 60_000);
    expect(bob.log.lines.filter(({ message }) => message.includes("another of the cluster"))).toEqual([]);
  });
});
