/** The lease of all lanes as one: no two hosts have some of them each, whatever either has seen, and whatever comes late. */
import pg from "pg";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import type { LeaseSeen, TogetherSeen } from "../../../src/journal/journal.ts";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { appendIds, refusal } from "../support.ts";
import { startProxy } from "./proxy.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const LEASE_MS = 1500;
const NOTHING_SEEN: TogetherSeen = { together: null, lanes: [] };
const WAITING = { timeout: 20_000, interval: 20 };

describe.skipIf(withoutPostgres)("the lease of all lanes", { timeout: 60_000 }, () => {
  const server = useServer();
  let schema = "";
  const opened: PostgresJournal[] = [];

  afterEach(async () => {
    for (const journal of opened.splice(0)) await journal.close();
  });

  const open = async (name: string, port = server.port, together = true) => {
    const url = Object.assign(new URL(server.url), { port }).href;
    const member = { name, labels: [], weight: 1, version: "1", leaseMs: LEASE_MS, together };
    const journal = await openPostgresJournal({ url, schema, statementTimeoutMs: 5000, member });
    opened.push(journal);
    return journal;
  };
  /** The first through the proxy. */
  const two = async () => {
    schema = server.freshSchema();
    const proxy = await startProxy(server.port);
    onTestFinished(() => proxy.close());
    const pair = [await open("first", proxy.port), await open("second")] as const;
    const feeder = await open("feeder");
    await appendIds(feeder, [1, 2, 3, 4, 5]);
    await expect.poll(() => pair.map(({ head }) => head.lastSeq), WAITING).toEqual([5, 5]);
    return { first: pair[0], second: pair[1], proxy };
  };
  const database = async () => {
    const client = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  };
  const lane = (journal: PostgresJournal, id: string, seen?: LeaseSeen | null) =>
    journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq: 0 }, seen);
  const viewOf = ({ cluster }: PostgresJournal) => cluster!.view;
  const seenBy = (journal: PostgresJournal, id: string) =>
    viewOf(journal)?.lanes.find((one) => one.id === id);
  const untilFree = async (journal: PostgresJournal) => {
    await expect.poll(() => viewOf(journal)?.together?.free, WAITING).toBe(true);
    return viewOf(journal)!;
  };
  const begin = (seq: number) => ({ seq, begun: true, finishedCallbacks: 0 });

  test("is one host's, when two take it at once", async () => {
    const { first, second } = await two();
    const outcomes = await Promise.allSettled(
      [first, second].map(({ cluster }) => cluster!.openTogether(NOTHING_SEEN)),
    );
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
    const winner = outcomes[0]!.status === "fulfilled" ? [first, second] : [second, first];
    await lane(winner[0]!, "one", null);
    expect((await refusal(lane(winner[1]!, "two", null))).code).toBe("STATE_LOCKED");
  });

  test("takes every lane with it: what its owner before has stored meanwhile is no renewal", async () => {
    const { first, second, proxy } = await two();
    await first.cluster!.openTogether(NOTHING_SEEN);
    const [one, two_] = [await lane(first, "one", null), await lane(first, "two", null)];
    await one.commit(begin(1));
    await expect.poll(() => seenBy(second, "two")?.free, WAITING).toBe(false);
    proxy.hold(true);
    const seen = await untilFree(second);
    // it was looked at before the line healed, and is acted on after
    const db = await database();
    await db.query("UPDATE lane SET version = version + 1 WHERE id = 'two'");
    await second.cluster!.openTogether(seen);
    proxy.hold(false);
    expect((await refusal(two_.commit(begin(1)))).code).toBe("STATE_LOCKED");
    expect((await refusal(one.commit(begin(2)))).code).toBe("STATE_LOCKED");
    expect([one.lease!.ended, two_.lease!.ended]).toEqual([true, true]);
    await expect.poll(() => seenBy(second, "two")?.owner, WAITING).toBe(second.cluster!.self.id);
    expect(seenBy(second, "two")?.free).toBe(true);
    const heir = await lane(second, "one", seenBy(second, "one"));
    expect(await heir.cursor()).toEqual({ seq: 0, begun: { seq: 1, finished: [] } });
    await lane(second, "two", seenBy(second, "two"));
  });

  test("bounds what its lanes may do, though their own are renewed", async () => {
    const { first, second } = await two();
    await first.cluster!.openTogether(NOTHING_SEEN);
    const one = await lane(first, "one", null);
    const { held } = one.lease!;
    const db = await database();
    await db.query("BEGIN; SELECT 1 FROM together FOR UPDATE");
    for (let seq = 1; !held.aborted; seq = Math.min(seq + 1, 5))
      await one.commit({ seq, begun: false, finishedCallbacks: 0 });
    expect(one.lease!.sureUntil).toBeLessThan(performance.now());
    const begun = one.commit(begin(5));
    // its own was renewed all the time
    expect(seenBy(second, "one")?.free ?? false).toBe(false);
    await db.query("ROLLBACK");
    await begun;
    expect([one.lease!.ended, one.lease!.held.aborted]).toEqual([false, false]);
  });

  test("lets no lane be opened by who has lost it, and does not know", async () => {
    const { first, second, proxy } = await two();
    await first.cluster!.openTogether(NOTHING_SEEN);
    await lane(first, "one", null);
    await expect.poll(() => viewOf(second)?.together?.free, WAITING).toBe(false);
    proxy.hold(true);
    // a plugin that is new, so that nobody has seen anything of its lane
    const late = refusal(lane(first, "fresh", null));
    await second.cluster!.openTogether(await untilFree(second));
    proxy.hold(false);
    expect((await late).code).toBe("STATE_LOCKED");
    expect((await second.lanes()).map(({ id }) => id)).toEqual(["one"]);
    expect((await refusal(lane(second, "one", null))).code).toBe("STATE_LOCKED");
  });

  test("takes no lane that a host which knows of no such lease took, or renewed, since the look; nor anything else then", async () => {
    const { second, proxy } = await two();
    const independent = await open("independent", proxy.port, false);
    const [one, two_] = [await lane(independent, "one", null), await lane(independent, "two", null)];
    await expect.poll(() => viewOf(second)?.lanes.length, WAITING).toBe(2);
    const before = viewOf(second)!;
    await one.commit(begin(1));
    expect((await refusal(second.cluster!.openTogether(before))).code).toBe("STATE_LOCKED");
    expect((await refusal(second.cluster!.openTogether(NOTHING_SEEN))).code).toBe("STATE_LOCKED");
    const db = await database();
    expect((await db.query("SELECT 1 FROM together")).rowCount).toBe(0);
    await one.commit(begin(2));
    await two_.commit(begin(1));
    expect([one.lease!.ended, two_.lease!.ended]).toEqual([false, false]);
    // once nothing is heard of it they are taken
    proxy.refuse(true);
    proxy.breakAll();
    await expect.poll(() => viewOf(second)?.lanes.every(({ free }) => free), WAITING).toBe(true);
    await second.cluster!.openTogether(viewOf(second)!);
    const taken = await db.query("SELECT DISTINCT owner FROM lane");
    expect(taken.rows).toEqual([{ owner: second.cluster!.self.id }]);
    proxy.refuse(false);
  });

  test("is given back with what was taken by it and never opened, and the others are told", async () => {
    const { first, second, proxy } = await two();
    await first.cluster!.openTogether(NOTHING_SEEN);
    await lane(first, "one", null);
    await expect.poll(() => seenBy(second, "one")?.free, WAITING).toBe(false);
    proxy.refuse(true);
    proxy.breakAll();
    const lease = await second.cluster!.openTogether(await untilFree(second));
    await lease.release();
    const feeder = opened[2]!;
    const owners = () => [viewOf(feeder)?.together?.owner, seenBy(feeder, "one")?.owner];
    await expect.poll(owners, { timeout: LEASE_MS / 2, interval: 5 }).toEqual([null, null]);
    expect((await refusal(lane(second, "one"))).code).toBe("STATE_LOCKED");
    proxy.refuse(false);
  });
});
