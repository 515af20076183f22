/** A database that answers, and takes nothing: its disk is full, or it is read-only; and one whose connections are all in use. */
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { writeOnce } from "../../../src/journal/postgres/once.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { appendIds, idsAfter, refusal } from "../support.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const PATIENCE = { timeout: 30_000 };

describe.skipIf(withoutPostgres)("a database that answers", { timeout: 120_000 }, () => {
  const server = useServer();
  let schema = "";
  const opened: PostgresJournal[] = [];

  afterEach(async () => {
    await readOnly(false);
    for (const journal of opened.splice(0)) await journal.close();
  });

  const open = async (more: Partial<Parameters<typeof openPostgresJournal>[0]> = {}) => {
    const journal = await openPostgresJournal({ url: server.url, schema, ...more });
    opened.push(journal);
    return journal;
  };
  const member = (leaseMs: number) => ({ name: "ada", labels: [], weight: 1, version: "1", leaseMs });
  const lane = (journal: PostgresJournal) =>
    journal.openLane({ id: "notify", path: "/plugins/notify.ts", name: "notify", startSeq: 0 });
  const step = (seq: number) => ({ seq, begun: false, finishedCallbacks: 0 });
  const ask = async (text: string) => {
    const options = `-c search_path=${schema} -c default_transaction_read_only=off`;
    const client = new pg.Client({ connectionString: server.url, options });
    await client.connect();
    return (await client.query(text).finally(() => client.end())).rows;
  };
  /** Of connections that are made from now on, and there are no others. */
  const readOnly = async (yes: boolean) => {
    await ask(`ALTER DATABASE postgres ${yes ? "SET default_transaction_read_only = on" : "RESET ALL"}`);
    if (yes)
      await ask(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'callsheet' AND datname = 'postgres'",
      );
  };

  test("and is read-only is said to be that, whatever reads succeed, and is waited for", async () => {
    schema = server.freshSchema();
    const journal = await open({ member: member(60_000) });
    await appendIds(journal, [1, 2]);
    const notify = await lane(journal);
    const cluster = journal.cluster!;
    await readOnly(true);
    const committing = notify.commit(step(1));
    await expect.poll(() => cluster.readOnlySince, PATIENCE).not.toBeNull();
    const since = cluster.readOnlySince;
    const { signal } = new AbortController();
    for (let look = 0; look < 3; look += 1) await cluster.looked(signal);
    expect((await journal.find(2))?.seq).toBe(2);
    expect(cluster).toMatchObject({ readOnlySince: since, awaySince: null });
    const another = await refusal(open({ member: { ...member(60_000), name: "bob" } }));
    expect(another.describe()).toContain("it takes nothing (cannot execute");
    await readOnly(false);
    await committing;
    await expect.poll(() => cluster.readOnlySince, PATIENCE).toBeNull();
    expect((await journal.lanes())[0]!.cursor.seq).toBe(1);
  });

  test("and whose disk is full says so to whoever stores something, and takes it when there is room", async () => {
    schema = server.freshSchema();
    const journal = await open({ member: member(3000) });
    await appendIds(journal, [1, 2]);
    const notify = await lane(journal);
    // as where no file can grow
    await ask(`
      CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER no_room BEFORE INSERT ON event EXECUTE FUNCTION full_disk();
      CREATE TRIGGER no_room BEFORE UPDATE ON lane EXECUTE FUNCTION full_disk();
      CREATE TRIGGER no_room BEFORE UPDATE ON host EXECUTE FUNCTION full_disk()`);
    for (const storing of [() => appendIds(journal, [3]), () => notify.commit(step(1))]) {
      const error = await refusal(storing());
      expect(error.code).toBe("STATE_FULL");
      expect(error.describe()).toContain(
        `The disk of the database at 127.0.0.1:${server.port}/postgres is full`,
      );
    }
    // signs of life are not taken either
    const { signal } = new AbortController();
    await expect.poll(() => notify.lease!.held.aborted, PATIENCE).toBe(true);
    await journal.cluster!.looked(signal);
    expect(journal.cluster).toMatchObject({ awaySince: null, readOnlySince: null });
    const sure = notify.lease!.sure();
    for (const table of ["event", "lane", "host"]) await ask(`DROP TRIGGER no_room ON ${table}`);
    await sure;
    await notify.commit(step(2));
    await appendIds(journal, [3]);
    expect(await idsAfter(journal, 0)).toEqual([1, 2, 3]);
  });

  test("goes on being looked at, and leases being renewed, while all questions of people hang", async () => {
    schema = server.freshSchema();
    const journal = await open({ member: member(3000), statementTimeoutMs: 60_000 });
    await appendIds(journal, [1]);
    const notify = await lane(journal);
    const blocker = new pg.Client({ connectionString: server.url, options: `-c search_path=${schema}` });
    await blocker.connect();
    // what failed is asked of nobody else
    await blocker.query("BEGIN; LOCK TABLE outcome");
    const questions = Array.from({ length: 20 }, () => journal.failureGroups(10));
    const hanging = async () => {
      const [row] = await ask("SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted");
      return row.n;
    };
    await expect.poll(hanging, PATIENCE).toBeGreaterThan(0);
    const { version } = journal.cluster!.view!.lanes[0]!;
    const renewed = () => journal.cluster!.view!.lanes[0]!.version;
    // each third of a lease, so that a whole one goes by
    await expect.poll(renewed, PATIENCE).toBeGreaterThan(version + 3);
    expect(notify.lease!.held.aborted).toBe(false);
    expect(journal.awaySince).toBeNull();
    await blocker.query("ROLLBACK");
    await blocker.end();
    expect(await Promise.all(questions)).toHaveLength(20);
  });

  test("late: a write that is found later counts from the first attempt that may have been it", async () => {
    schema = server.freshSchema();
    await open();
    const times = { statementTimeoutMs: 60_000, connectTimeoutMs: 60_000 };
    const engine = new Engine({ url: server.url, schema, connections: 1, ...times });
    const sent: number[] = [];
    const found = ["as it was" as const, { written: "the first" }];
    const { result, sentAt } = await writeOnce(engine, {
      write: async () => {
        sent.push(performance.now());
        if (sent.length > 1) return null;
        throw Object.assign(new Error("the connection broke"), { code: "ECONNRESET" });
      },
      settle: async () => found.shift()!,
      fenced: () => new Error("it was another's"),
    });
    expect({ result, attempts: sent.length }).toEqual({ result: "the first", attempts: 2 });
    expect(sentAt).toBeLessThanOrEqual(sent[0]!);
    await engine.close();
  });

  test("and has no connection left for a write does not have it in doubt", async () => {
    schema = server.freshSchema();
    await open();
    const times = { statementTimeoutMs: 60_000, connectTimeoutMs: 200 };
    const engine = new Engine({ url: server.url, schema, connections: 1, ...times });
    const free = Promise.withResolvers<void>();
    const holding = engine.transaction(async (session) => {
      await session.rows("SELECT 1");
      await free.promise;
    });
    let settled = 0;
    let attempts = 0;
    const writing = writeOnce(engine, {
      write: () => {
        attempts += 1;
        return engine.rows("SELECT 1");
      },
      settle: async () => {
        settled += 1;
        return "as it was" as const;
      },
      fenced: () => new Error("it was another's"),
    });
    await expect.poll(() => attempts, PATIENCE).toBeGreaterThan(1);
    expect(engine.awaySince).toBeNull();
    free.resolve();
    await writing;
    expect(settled).toBe(0);
    await holding;
    await engine.close();
  });
});
