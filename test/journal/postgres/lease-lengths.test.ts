/** Hosts whose leases are of different lengths: none is taken before its owner's own clock has ended it. */
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { LeaseLengths } from "../../../src/journal/postgres/lease-lengths.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { refuseRunning } from "../../../src/journal/postgres/running.ts";
import { appendIds, refusal } from "../support.ts";
import { startProxy } from "./proxy.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const SHORT_MS = 2000;
const LONG_MS = 6000;
const WAITING = { timeout: 40_000, interval: 10 };

describe.skipIf(withoutPostgres)("a host with a short lease", { timeout: 120_000 }, () => {
  const server = useServer();
  const ending: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  /** The one with the long lease is reached through a line that can be cut. */
  const pair = async () => {
    const schema = server.freshSchema();
    const line = await startProxy(server.port);
    ending.push(() => line.close());
    const open = async (name: string, leaseMs: number, port: number): Promise<PostgresJournal> => {
      const url = Object.assign(new URL(server.url), { port }).href;
      const member = { name, labels: [], weight: 1, version: "1", leaseMs };
      const journal = await openPostgresJournal({ url, schema, statementTimeoutMs: 2000, member });
      ending.push(() => journal.close());
      return journal;
    };
    const long = await open("long", LONG_MS, line.port);
    const short = await open("short", SHORT_MS, server.port);
    return { schema, line, long, short };
  };

  test("takes over neither a plugin nor the reading before a longer one has run out", async () => {
    const { line, long, short } = await pair();
    const lane = await long.openLane({ id: "one", path: "/p/one.ts", name: "one", startSeq: 0 }, null);
    const reading = await long.cluster!.openReader(null);
    await appendIds(long, [1]);
    const view = () => short.cluster!.view;
    const { id } = long.cluster!.self;
    await expect.poll(() => [view()?.lanes[0]?.owner, view()?.reader?.owner], WAITING).toEqual([id, id]);
    line.refuse(true);
    line.breakAll();
    const wasHeld = { lane: false, reader: false };
    const areFree = () => {
      const { lanes, reader } = view()!;
      if (lanes[0]!.free && !lane.lease!.held.aborted) wasHeld.lane = true;
      if (reader!.free && !reading.held.aborted) wasHeld.reader = true;
      return lanes[0]!.free && reader!.free;
    };
    await expect.poll(areFree, WAITING).toBe(true);
    expect(wasHeld).toEqual({ lane: false, reader: false });
    line.refuse(false);
  });

  test("sees a longer one as long as that is there, though it is heard of less often", async () => {
    const { schema, short } = await pair();
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    ending.push(() => client.end());
    const beats = async () =>
      Number((await client.query(`SELECT beat FROM ${schema}.host WHERE name = 'long'`)).rows[0].beat);
    const before = await beats();
    const absences: string[] = [];
    await expect
      .poll(async () => {
        await short.cluster!.looked(AbortSignal.timeout(WAITING.timeout));
        const names = short.cluster!.view!.hosts.map(({ name }) => name);
        if (!names.includes("long")) absences.push(names.join());
        return beats();
      }, WAITING)
      .toBeGreaterThan(before + 1);
    expect(absences).toEqual([]);
  });

  test("is no measure for what needs all of them stopped", async () => {
    const { schema, short } = await pair();
    await short.close();
    const times = { statementTimeoutMs: 10_000, connectTimeoutMs: 5000 };
    const engine = new Engine({ url: server.url, schema, connections: 1, ...times });
    ending.push(() => engine.close());
    const error = await refusal(refuseRunning(engine, SHORT_MS));
    expect(error.message).toBe("Daemons of the cluster are running: long.");
  });
});

describe("the length of a lease", () => {
  const lengths = new LeaseLengths(3000);
  const see = (hosts: Record<string, number | null>, owners: string[] = []) =>
    lengths.see(
      Object.entries(hosts).map(([id, leaseMs]) => ({ id, leaseMs })),
      owners,
    );

  test("is the longer of one's own and the owner's; of an older version one's own", () => {
    see({ ada: 15_000, bob: 1000, old: null });
    expect(["ada", "bob", "old", null].map((host) => lengths.of(host))).toEqual([15_000, 3000, 3000, 3000]);
  });

  test("is kept of a host whose row is another's by now, while it owns something", () => {
    see({ ada: 15_000 });
    see({ next: 3000 }, ["ada"]);
    expect(lengths.of("ada")).toBe(15_000);
    see({ next: 4000 });
    expect(lengths.of("ada")).toBe(4000);
  });
});
