/** A daemon that is started while the database takes longer to answer than a lease allows: it starts. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import { Engine } from "../../src/journal/postgres/engine.ts";
import { openPostgresJournal } from "../../src/journal/postgres/open.ts";
import { openTestSandbox, until } from "../daemon/rig.ts";
import { CHANGE, ids, recorder } from "../daemon/whole.ts";
import { useJournals } from "../journal/postgres/use-journals.ts";
import { useServer, withoutPostgres } from "../journal/postgres/use-server.ts";
import { testCluster } from "./hosts.ts";

const PATIENCE_MS = 60_000;
const LEASE_MS = 1500;
const MEMBER = { name: "ada", labels: [], weight: 1, version: "1", leaseMs: LEASE_MS };

describe.skipIf(withoutPostgres)("a late answer", { timeout: 120_000 }, () => {
  const server = useServer();
  const journals = useJournals(server);

  test("to the first connection is waited for, also for longer than what a lease depends on", async () => {
    journals.freshSchema();
    journals.proxy.hold(true);
    const opening = journals.open({ ...journals.throughProxy(), member: MEMBER });
    opening.catch(() => {});
    // one that came later, and waits for so long only, has given up
    const hasty = new Engine({
      ...{ ...journals.throughProxy(), schema: journals.schema, connections: 1 },
      ...{ statementTimeoutMs: 1000, connectTimeoutMs: LEASE_MS / 3 },
    });
    await expect(hasty.rows("SELECT 1")).rejects.toThrow(/timeout/);
    journals.proxy.hold(false);
    expect((await opening).head.lastSeq).toBe(0);
    await hasty.close();
  });

  test("to what a daemon tells the others ends no start", async () => {
    const schema = server.freshSchema();
    await (await openPostgresJournal({ url: server.url, schema })).close();
    const client = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
    await client.connect();
    await client.query(`
      CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(2); RETURN NEW; END $$;
      CREATE TRIGGER late BEFORE INSERT OR UPDATE ON said FOR EACH ROW EXECUTE FUNCTION late()`);
    const sandbox = await openTestSandbox();
    const cluster = testCluster({
      ...{ sandbox, database: server.url, schema, places: {} },
      plugins: { "one.ts": recorder("one") },
      more: { start: sandbox.site.events.newestId + 1 },
    });
    await cluster.start("ada");
    const { first } = sandbox.site.events.add([CHANGE]);
    await until(() => ids(cluster.folder, "one").includes(first), undefined, PATIENCE_MS);
    await client.query("DROP TRIGGER late ON said").finally(() => client.end());
  });
});
