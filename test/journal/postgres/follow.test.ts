/** The connection that listens to the database, and a network that drops it without a word. */
import pg from "pg";
import { describe, expect, onTestFinished, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import { Follower } from "../../../src/journal/postgres/follow.ts";
import { startProxy } from "./proxy.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

describe.skipIf(withoutPostgres)("a connection that only listens", { timeout: 60_000 }, () => {
  const server = useServer();

  test("and is not heard any more is made anew", async () => {
    const proxy = await startProxy(server.port);
    const teller = new pg.Client({ connectionString: server.url });
    await teller.connect();
    const url = server.url.replace(`:${server.port}`, `:${proxy.port}`);
    const times = { statementTimeoutMs: 60_000, connectTimeoutMs: 60_000 };
    const engine = new Engine({ url, schema: "public", connections: 1, ...times });
    const told: string[] = [];
    const hearing = { everyMs: 100, withinMs: 500 };
    const look = async () => {};
    const follower = new Follower(engine, look, { news: (payload) => told.push(payload) }, hearing);
    onTestFinished(async () => {
      await follower.stop();
      await engine.close();
      await proxy.close();
      await teller.end();
    });
    const isTold = (payload: string) =>
      expect
        .poll(
          async () => {
            await teller.query("SELECT pg_notify('news', $1)", [payload]);
            return told.includes(payload);
          },
          { timeout: 30_000 },
        )
        .toBe(true);
    await isTold("before");
    const before = await listeners();
    // from the next word on nothing comes back, and nobody says so
    proxy.loseAnswersTo("SELECT 1");
    const isAnew = async () => (await listeners()).some((pid) => !before.includes(pid));
    await expect.poll(isAnew, { timeout: 30_000 }).toBe(true);
    await isTold("after");

    async function listeners(): Promise<number[]> {
      const question = "SELECT pid FROM pg_stat_activity WHERE application_name = 'callsheet'";
      const { rows } = await teller.query<{ pid: number }>(question);
      return rows.map(({ pid }) => pid);
    }
  });

  test("a look whose answer is lost is not waited for as long as a slow one may take", async () => {
    const proxy = await startProxy(server.port);
    const url = server.url.replace(`:${server.port}`, `:${proxy.port}`);
    const times = { statementTimeoutMs: 600_000, connectTimeoutMs: 60_000 };
    const engine = new Engine({ url, schema: "public", connections: 1, ...times });
    let answered = 0;
    const follower = new Follower(
      engine,
      async (withinMs) => {
        await engine.rows("SELECT 2 AS looked", [], undefined, withinMs);
        answered += 1;
      },
      {},
    );
    onTestFinished(async () => {
      await follower.stop();
      await engine.close();
      await proxy.close();
    });
    await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(0);
    proxy.loseAnswersTo("SELECT 2 AS looked");
    const before = answered;
    await expect.poll(() => answered, { timeout: 30_000 }).toBeGreaterThan(before + 1);
  });
});
