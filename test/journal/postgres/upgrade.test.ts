/** Two versions of Callsheet on one database: what the newer does to the tables while the older works with them. */
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import { migrate } from "../../../src/journal/postgres/migrate.ts";
import { FORMAT, type Format } from "../../../src/journal/postgres/migrations.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { until } from "../../daemon/rig.ts";
import { appendIds, idsAfter, refusal } from "../support.ts";
import { startProxy } from "./proxy.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const LEASE_MS = 3000;
const NOW = FORMAT.steps.length;
/** Changes tables in every way that may be. */
const STEP = `
  ALTER TABLE lane ADD COLUMN mood text;
  ALTER TABLE host ADD COLUMN mood text NOT NULL DEFAULT 'good';
  ALTER TABLE command ADD COLUMN mood text;
  ALTER TABLE done ADD COLUMN mood text;
  CREATE INDEX lane_by_mood ON lane (mood);
  CREATE TABLE mood (name text PRIMARY KEY);`;
const NEXT: Format = { steps: [...FORMAT.steps, STEP], oldest: NOW };
const BREAKING: Format = { ...NEXT, oldest: NOW + 1 };
const LANE = { id: "one", path: "/p/one.ts", name: "one", startSeq: 0 };

describe.skipIf(withoutPostgres)("the tables of a newer version", { timeout: 60_000 }, () => {
  const server = useServer();

  async function cluster() {
    const schema = server.freshSchema();
    const open = async (name: string, port = server.port) => {
      const url = Object.assign(new URL(server.url), { port }).href;
      const member = { name, labels: [], weight: 1, version: "1.0.0", leaseMs: LEASE_MS };
      const journal = await openPostgresJournal({ url, schema, member });
      onTestFinished(() => journal.close());
      return journal;
    };
    const times = { statementTimeoutMs: 10_000, connectTimeoutMs: 5000 };
    const engine = new Engine({ url: server.url, schema, connections: 2, ...times });
    onTestFinished(() => engine.close());
    const format = async () => (await engine.rows("SELECT version, oldest FROM format"))[0];
    return { open, engine, format };
  }

  test("are made while the older one works, which goes on, and may be started again", async () => {
    const { open, engine, format } = await cluster();
    const older = await open("ada");
    const lane = await older.openLane(LANE);
    const everything = async (id: number) => {
      await appendIds(older, [id]);
      await lane.commit({ seq: id, begun: false, finishedCallbacks: 0 });
      await older.cluster!.looked(AbortSignal.timeout(20_000));
      await older.cluster!.exchange("words");
      // on every connection, each of which has prepared it
      const seen = await Promise.all(Array.from({ length: 8 }, () => older.lanes()));
      return seen[0]![0]!.cursor.seq;
    };
    expect(await everything(1)).toBe(1);
    await migrate(engine, LEASE_MS, NEXT);
    expect(await format()).toEqual({ version: NOW + 1, oldest: NOW });
    expect(await everything(2)).toBe(2);
    const again = await open("bob");
    expect(await idsAfter(again, 0)).toEqual([1, 2]);
    expect(await format()).toEqual({ version: NOW + 1, oldest: NOW });
  });

  test("are not waited for by those that work: the migration gives way, and comes again", async () => {
    const { open, engine, format } = await cluster();
    const older = await open("ada");
    const lane = await older.openLane(LANE);
    await appendIds(older, [1]);
    const busy = new pg.Client({ connectionString: server.url });
    await busy.connect();
    onTestFinished(() => busy.end());
    await busy.query(`BEGIN; LOCK TABLE ${engine.schema}.lane IN ROW EXCLUSIVE MODE`);
    const migrated = migrate(engine, LEASE_MS, NEXT);
    const waits = "SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'";
    await until(async () => (await busy.query(waits)).rows.length > 0);
    await lane.commit({ seq: 1, begun: false, finishedCallbacks: 0 });
    expect(await format()).toEqual({ version: NOW, oldest: FORMAT.oldest });
    await busy.query("COMMIT");
    await migrated;
    expect(await format()).toEqual({ version: NOW + 1, oldest: NOW });
  });

  test("that the older one cannot work with are not made while it runs, which is told by name", async () => {
    const { open, engine, format } = await cluster();
    const older = await open("ada");
    const error = await refusal(migrate(engine, LEASE_MS, BREAKING));
    expect(error.code).toBe("HOSTS_TOO_OLD");
    expect(error.describe()).toContain("ada (Callsheet 1.0.0) still runs");
    expect(await format()).toEqual({ version: NOW, oldest: FORMAT.oldest });
    await older.close();
    await migrate(engine, LEASE_MS, BREAKING);
    const refused = await refusal(open("bob"));
    expect(refused.code).toBe("STATE_TOO_NEW");
    expect(refused.message).toContain(`format ${NOW + 1}`);
  });

  test("shut out an older one that stood still while they were made", async () => {
    const { open, engine } = await cluster();
    const line = await startProxy(server.port);
    onTestFinished(() => line.close());
    const older = await open("ada", line.port);
    const lane = await older.openLane(LANE);
    await appendIds(older, [1]);
    line.hold(true);
    await migrate(engine, LEASE_MS, BREAKING);
    line.hold(false);
    const shutOut = await refusal(lane.commit({ seq: 1, begun: false, finishedCallbacks: 0 }));
    expect(shutOut.code).toBe("STATE_LOCKED");
  });

  test("are noticed by an older one that runs, which ends", async () => {
    const { open, engine } = await cluster();
    const older = await open("ada");
    await engine.rows("UPDATE format SET version = $1, oldest = $1", [NOW + 1]);
    const signal = AbortSignal.timeout(20_000);
    const looking = async () => {
      for (;;) await older.cluster!.looked(signal);
    };
    expect((await refusal(looking())).code).toBe("STATE_TOO_NEW");
  });
});
