/** What a daemon sees of the leases while its looks take their time. */
import { afterEach, describe, expect, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { LeaseWatch } from "../../../src/journal/postgres/lease-watch.ts";
import { Membership } from "../../../src/journal/postgres/membership.ts";
import { freedLane } from "../../../src/journal/postgres/notices.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const HOLDS_NOTHING = { reader: () => false, together: () => false, lane: () => false };
const WAITING = { timeout: 20_000, interval: 10 };
const MEMBER = { labels: [], weight: 1, version: "1", leaseMs: 5000 };

describe.skipIf(withoutPostgres)("a watch of leases", { timeout: 60_000 }, () => {
  const server = useServer();
  const ending: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ending.splice(0).reverse()) await end();
  });

  /** Of a host that is there beside the owner. Its looks wait for `gate` before they are answered. */
  const watch = async (schema: string, gate: () => Promise<void> | null) => {
    const engine = new Engine({
      ...{ url: server.url, schema, statementTimeoutMs: 5000, connectTimeoutMs: 5000, connections: 2 },
    });
    ending.push(() => engine.close());
    const member = new Membership(engine, { name: "bob", ...MEMBER });
    await member.join();
    const slow: Engine = Object.create(engine, {
      rows: {
        value: async (...asked: Parameters<Engine["rows"]>) => {
          const rows = await engine.rows(...asked);
          await gate();
          return rows;
        },
      },
    });
    const watching = new LeaseWatch(slow, member, HOLDS_NOTHING);
    ending.push(() => watching.stop());
    return watching;
  };
  const owner = async (schema: string): Promise<PostgresJournal> => {
    const journal = await openPostgresJournal({
      url: server.url,
      schema,
      member: { name: "ada", ...MEMBER },
    });
    ending.push(() => journal.close());
    return journal;
  };

  test("does not go back behind what it was told, for a look that began before that", async () => {
    const schema = server.freshSchema();
    const journal = await owner(schema);
    const lane = await journal.openLane({ id: "a", path: "/a.ts", name: "a", startSeq: 0 }, null);
    const held = Promise.withResolvers<void>();
    let answered = 0;
    let hold = false;
    const watching = await watch(schema, () => {
      if (!hold) return null;
      answered += 1;
      return held.promise;
    });
    const seen = () => watching.view?.lanes[0];
    await expect.poll(() => seen()?.free, WAITING).toBe(false);
    hold = true;
    await expect.poll(() => answered, WAITING).toBe(1);
    const { epoch, version } = seen()!;
    await lane.lease!.release();
    watching.freed({ schema, id: "a", epoch, version: version + 1 });
    expect(seen()).toMatchObject({ free: true, owner: null, version: version + 1 });
    const looked = watching.looked(AbortSignal.timeout(WAITING.timeout));
    hold = false;
    held.resolve();
    await looked;
    expect(seen()).toMatchObject({ free: true, owner: null, version: version + 1 });
  });

  test("believes what it was told no longer than until it has looked", async () => {
    const schema = server.freshSchema();
    const journal = await owner(schema);
    await journal.openLane({ id: "a", path: "/a.ts", name: "a", startSeq: 0 }, null);
    const watching = await watch(schema, () => null);
    const seen = () => watching.view?.lanes[0];
    await expect.poll(() => seen()?.free, WAITING).toBe(false);
    const { epoch, version } = seen()!;
    watching.freed({ schema, id: "a", epoch, version: version + 1000 });
    expect(seen()!.free).toBe(true);
    await expect.poll(() => seen()!.free, WAITING).toBe(false);
  });
});

test.each(["", "null", "{}", "[1]", "7", "not JSON", '{"schema":"another","id":"a","epoch":1,"version":2}'])(
  "a notification that says %j says nothing of a lane of this cluster",
  (payload) => expect(freedLane(payload, "callsheet")).toBe(null),
);
