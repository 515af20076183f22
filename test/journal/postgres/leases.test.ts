/** Leases that end: who may take over, when, and what becomes of the owner before. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { LeaseRecord, LeaseSeen } from "../../../src/journal/journal.ts";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { appendIds, idsAfter, refusal } from "../support.ts";
import { useJournals } from "./use-journals.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const LEASE_MS = 1500;
const WAITING = { timeout: 20_000, interval: 20 };

describe.skipIf(withoutPostgres)("a lease", { timeout: 60_000 }, () => {
  const server = useServer();
  const journals = useJournals(server);

  const open = (name: string, port = server.port) => {
    const url = server.url.replace(`:${server.port}`, `:${port}`);
    const member = { name, labels: [], weight: 1, version: "1", leaseMs: LEASE_MS };
    return journals.open({ url, member });
  };
  /** The first through the journals.proxy. */
  const two = async () => {
    journals.freshSchema();
    const pair = [await open("first", journals.proxy.port), await open("second")] as const;
    await appendIds(await open("feeder"), [1, 2, 3, 4, 5]);
    await expect.poll(() => pair.map(({ head }) => head.lastSeq), WAITING).toEqual([5, 5]);
    return pair;
  };
  const cutOff = () => {
    journals.proxy.refuse(true);
    journals.proxy.breakAll();
  };
  const take = (journal: PostgresJournal, seen?: LeaseSeen | null) =>
    journal.openLane({ id: "notify", path: "/plugins/notify.ts", name: "notify", startSeq: 0 }, seen);
  const seenBy = (journal: PostgresJournal): LeaseRecord | undefined =>
    journal.cluster!.view?.lanes.find(({ id }) => id === "notify");
  const untilFree = async (journal: PostgresJournal) => {
    await expect.poll(() => seenBy(journal)?.free, WAITING).toBe(true);
    return seenBy(journal)!;
  };

  test("that is not used is renewed, and stays its owner's", async () => {
    const [first, second] = await two();
    const lane = await take(first, null);
    const versions = new Set<number>();
    await expect
      .poll(() => {
        const seen = seenBy(second);
        if (seen) versions.add(seen.version);
        expect(seen?.free ?? false).toBe(false);
        return versions.size;
      }, WAITING)
      .toBeGreaterThan(5);
    expect(lane.lease!.held.aborted).toBe(false);
    await expect(lane.lease!.sure()).resolves.toBeUndefined();
  });

  test("ends on its owner's clock before another may have it, whose epoch shuts the owner out", async () => {
    const [first, second] = await two();
    const lane = await take(first, null);
    await lane.commit({ seq: 1, begun: false, finishedCallbacks: 0 });
    await expect.poll(() => seenBy(second)?.owner, WAITING).toBe(first.cluster!.self.id);
    const { held } = lane.lease!;
    cutOff();
    const begun = refusal(lane.commit({ seq: 2, begun: true, finishedCallbacks: 0 }));
    const seen = await untilFree(second);
    expect(held.aborted).toBe(true);
    const successor = await take(second, seen);
    expect(successor.epoch).toBe(lane.epoch + 1);
    expect(await successor.cursor()).toEqual({ seq: 1, begun: null });
    journals.proxy.refuse(false);
    expect((await begun).code).toBe("STATE_LOCKED");
    expect(lane.lease!.ended).toBe(true);
    expect((await refusal(lane.lease!.sure())).code).toBe("STATE_LOCKED");
    await successor.commit({ seq: 2, begun: false, finishedCallbacks: 0 });
  });

  test("of the reader is taken over in the same way", async () => {
    const [first, second] = await two();
    await expect.poll(() => second.cluster!.view?.reader?.owner, WAITING).toBeTruthy();
    const feeder = journals.opened.pop()!;
    await feeder.close();
    await expect.poll(() => first.cluster!.view?.reader?.free, WAITING).toBe(true);
    const lease = await first.cluster!.openReader(first.cluster!.view!.reader);
    await appendIds(first, [6]);
    await expect.poll(() => second.cluster!.view?.reader?.owner, WAITING).toBe(first.cluster!.self.id);
    cutOff();
    await expect.poll(() => second.cluster!.view?.reader?.free, WAITING).toBe(true);
    expect(lease.held.aborted).toBe(true);
    await second.cluster!.openReader(second.cluster!.view!.reader);
    await appendIds(second, [7]);
    journals.proxy.refuse(false);
    expect((await refusal(appendIds(first, [8]))).code).toBe("STATE_LOCKED");
    expect(lease.ended).toBe(true);
  });

  test("is nobody's to take while the database is away, and goes on when it is back", async () => {
    const [first, second] = await two();
    const lane = await take(first, null);
    await expect.poll(() => seenBy(second)?.free, WAITING).toBe(false);
    const before = lane.lease!.held;
    await server.crash(LEASE_MS * 2);
    await expect.poll(() => lane.lease!.held.aborted, WAITING).toBe(false);
    expect(before.aborted).toBe(true);
    await second.cluster!.looked(AbortSignal.timeout(20_000));
    expect(seenBy(second)).toMatchObject({ free: false, owner: first.cluster!.self.id, epoch: lane.epoch });
    await lane.commit({ seq: 1, begun: true, finishedCallbacks: 0 });
    expect(second.cluster!.awaySince).toBeNull();
  });

  test("that is given back is another's at once", async () => {
    const [first, second] = await two();
    const lane = await take(first, null);
    await lane.advance(3);
    await expect.poll(() => seenBy(second)?.free, WAITING).toBe(false);
    await lane.lease!.release();
    const seen = await untilFree(second);
    expect(seen.owner).toBeNull();
    const successor = await take(second, seen);
    expect(await successor.cursor()).toEqual({ seq: 3, begun: null });
    const late = lane.commit({ seq: 4, begun: true, finishedCallbacks: 0 });
    expect((await refusal(late)).code).toBe("STATE_LOCKED");
  });

  test("that is given back is seen at once, also while the database cannot be looked at", async () => {
    const [first, second] = await two();
    const lane = await take(first, null);
    await expect.poll(() => seenBy(second)?.owner, WAITING).toBe(first.cluster!.self.id);
    const other = new pg.Client({ connectionString: server.url });
    await other.connect();
    try {
      await other.query(`BEGIN; LOCK TABLE ${journals.schema}.host IN ACCESS EXCLUSIVE MODE`);
      await lane.lease!.release();
      // no look has an end meanwhile
      const seen = await untilFree(second);
      await other.query("ROLLBACK");
      expect(seen.owner).toBeNull();
      await take(second, seen);
    } finally {
      await other.end();
    }
  });

  test("of a plugin that goes on as it was is not written before its first event", async () => {
    journals.freshSchema();
    // one that belongs to no cluster has nothing to renew meanwhile
    const journal = await openPostgresJournal({ url: server.url, schema: journals.schema });
    journals.opened.push(journal);
    const lane = await take(journal);
    const version = async () => {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      const { rows } = await client.query(`SELECT version FROM ${journals.schema}.lane`);
      await client.end();
      return rows[0].version;
    };
    await lane.register(["one", "two"]);
    const before = await version();
    await lane.register(["one", "two"]);
    await lane.setState("active", null);
    expect(await version()).toBe(before);
    await lane.register(["one"]);
    expect(Number(await version())).toBeGreaterThan(Number(before));
  });

  test("goes to one of those who want it", async () => {
    const [first, second] = await two();
    const third = await open("third");
    const outcomes = await Promise.allSettled([first, second, third].map((journal) => take(journal, null)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await (
      outcomes.find(({ status }) => status === "fulfilled") as PromiseFulfilledResult<{
        lease: { release(): Promise<void> };
      }>
    ).value.lease.release();
    const seen = await untilFree(first);
    const again = await Promise.allSettled([first, second, third].map((journal) => take(journal, seen)));
    expect(again.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const outcome of again)
      if (outcome.status === "rejected") expect(outcome.reason).toMatchObject({ code: "STATE_LOCKED" });
  });

  test("is not held by a transaction that stands still: the server lets its locks go", async () => {
    const schema = server.freshSchema();
    const { url } = journals.throughProxy();
    const member = { name: "ada", labels: [], weight: 1, version: "1", leaseMs: LEASE_MS };
    // by itself it would wait for longer than the test
    const journal = await openPostgresJournal({ url, schema, statementTimeoutMs: 120_000, member });
    journals.opened.push(journal);
    await appendIds(journal, [1]);
    journals.proxy.loseAnswersTo("UPDATE reader");
    await appendIds(journal, [2, 3]);
    expect(await idsAfter(journal, 0)).toEqual([1, 2, 3]);
  });

  test("hosts are seen while they are there", async () => {
    const [first, second] = await two();
    const names = (journal: PostgresJournal) => journal.cluster!.view?.hosts.map(({ name }) => name);
    await expect.poll(() => names(second), WAITING).toEqual(["feeder", "first", "second"]);
    await journals.opened.pop()!.close();
    await first.cluster!.announce("http://127.0.0.1:7879");
    await first.cluster!.leave();
    await expect
      .poll(() => second.cluster!.view?.hosts, WAITING)
      .toMatchObject([{ name: "first", leaving: true, url: "http://127.0.0.1:7879" }, { name: "second" }]);
    cutOff();
    await expect.poll(() => names(second), WAITING).toEqual(["second"]);
  });
});
