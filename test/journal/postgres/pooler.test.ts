/** A pooler before the database: it has to give each connection one of the server's for itself. */
import fc from "fast-check";
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { lookAtCluster } from "../../../src/journal/postgres/look.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { areShared } from "../../../src/journal/postgres/pooler.ts";
import { suitable } from "../../../src/journal/postgres/suitable.ts";
import { until } from "../../daemon/rig.ts";
import { appendIds, refusal } from "../support.ts";
import { pgBouncer, withoutPgBouncer } from "./pgbouncer.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

describe.skipIf(withoutPostgres)("a connection of the cluster's", () => {
  const server = useServer();

  async function plain(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    onTestFinished(() => client.end());
    return client;
  }
  const shown = async (client: pg.Client, name: string) =>
    Object.values((await client.query(`SHOW ${name}`)).rows[0])[0];

  test("is in the schema, also where the address has another", async () => {
    const url = `${server.url}?options=-c%20search_path%3Dpublic`;
    const schema = server.freshSchema();
    await (await openPostgresJournal({ url, schema })).close();
    const { rows } = await (await plain(server.url)).query(
      "SELECT schemaname FROM pg_tables WHERE tablename = 'lane'",
    );
    expect(rows).toEqual([{ schemaname: schema }]);
  });

  test("that has lost its schema is refused, and not used", async () => {
    const client = await plain(server.url);
    const session = {
      rows: async <T>(text: string, values: readonly unknown[] = []) =>
        (await client.query(text, [...values])).rows as T[],
    };
    const refused = await refusal(suitable(session, { where: "db:5432/callsheet", schema: "callsheet" }));
    expect(refused.describe()).toMatch(
      /^STATE_UNUSABLE: .* is lost \(search_path is "\$user", public, and was set to callsheet\)/,
    );
    expect(refused.describe()).toContain("pool_mode = session");
  });

  test.skipIf(withoutPgBouncer)("works through PgBouncer in session mode", async () => {
    const url = await pgBouncer(server.url, "session");
    const schema = server.freshSchema();
    const host = { name: "ada", leaseMs: 3000, memory: "/not/there", runs: "/not/there" };
    expect(await lookAtCluster({ url, schema, ...host })).toMatchObject({ made: false });
    const [one, other] = [
      await openPostgresJournal({ url, schema }),
      await openPostgresJournal({ url, schema }),
    ];
    onTestFinished(() => one.close());
    onTestFinished(() => other.close());
    await appendIds(one, [7]);
    await until(() => other.head.lastSeq === 1);
  });

  test.skipIf(withoutPgBouncer)(
    "is refused through PgBouncer in transaction mode, where it leaves nothing",
    async () => {
      const url = await pgBouncer(server.url, "transaction");
      const schema = server.freshSchema();
      const host = { name: "ada", leaseMs: 3000, memory: "/not/there", runs: "/not/there" };
      const opened = await refusal(openPostgresJournal({ url, schema }));
      const looked = await refusal(lookAtCluster({ url, schema, ...host }));
      expect(opened.describe()).toMatch(
        /^STATE_UNUSABLE: .* cannot be used: a pooler before it gives each statement/,
      );
      expect(looked.describe()).toBe(opened.describe());
      const client = await plain(url);
      expect(await shown(client, "search_path")).toBe('"$user", public');
      expect(await shown(client, "statement_timeout")).toBe("0");
    },
  );

  test.skipIf(withoutPgBouncer)(
    "with an option that PgBouncer does not take is refused as that",
    async () => {
      const url = `${await pgBouncer(server.url, "session")}?options=-c%20work_mem%3D8MB`;
      const { message, hint } = await refusal(openPostgresJournal({ url }));
      expect(message).toContain("an option of cluster.url is not taken (unsupported startup parameter");
      expect(hint).toContain("ALTER ROLE");
    },
  );
});

/** Which of a pool's processes serves each statement. @param choose which of those that are free */
function pool(size: number, choose: (free: number[]) => number) {
  const free = Array.from({ length: size }, (_, pid) => pid);
  const query = async () => {
    const [pid] = free.splice(choose(free), 1);
    free.push(pid!);
    return { rows: [{ pid }] };
  };
  return { query } as unknown as pg.Client;
}

test.each<[string, (free: number[]) => number]>([
  ["the last that was given back", (free) => free.length - 1],
  ["each in turn", () => 0],
])("a pool that hands out %s shows that it is one", async (_, choose) => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 40 }), async (size) => {
      const connection = pool(size, choose);
      expect(await areShared(connection, connection)).toBe(true);
    }),
  );
});

test("connections of their own show as such", async () => {
  const [one, other] = [pool(1, () => 0), { query: async () => ({ rows: [{ pid: 9 }] }) }];
  expect(await areShared(one, other as unknown as pg.Client)).toBe(false);
});
