/** A database that is older than what a daemon has written there: it is never taken for one that has it. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { appendIds, idsAfter, refusal } from "../support.ts";
import { useJournals } from "./use-journals.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const WAITING = { timeout: 20_000, interval: 20 };

describe.skipIf(withoutPostgres)("a database that is older than it was", { timeout: 120_000 }, () => {
  const server = useServer();
  const journals = useJournals(server);

  const { throughProxy } = journals;
  const open = (more: Parameters<typeof journals.open>[0] = {}) =>
    journals.open({ statementTimeoutMs: 60_000, ...more });
  const lane = (journal: PostgresJournal) =>
    journal.openLane({ id: "notify", path: "/plugins/notify.ts", name: "notify", startSeq: 0 });
  const step = (seq: number) => ({ seq, begun: false, finishedCallbacks: 0 });
  const ask = async (text: string) => {
    const client = new pg.Client({
      connectionString: server.url,
      options: `-c search_path=${journals.schema}`,
    });
    await client.connect();
    const { rows } = await client.query(text).finally(() => client.end());
    return rows;
  };

  test("has neither the step nor the events whose answers were lost", async () => {
    journals.freshSchema();
    const before = await open();
    await appendIds(before, [1, 2]);
    await (await lane(before)).commit(step(1));
    await before.close();
    const [reader, journal] = [await open(throughProxy()), await open(throughProxy())];
    const notify = await lane(journal);
    await appendIds(reader, [3]);
    await server.backUp();
    await notify.commit(step(2));
    await appendIds(reader, [4]);
    const watcher = await open();
    // a step goes no further than its own journal has heard
    await expect.poll(() => journal.head.lastSeq, WAITING).toBe(4);
    journals.proxy.loseAnswersTo("lane-step");
    const committing = refusal(notify.commit(step(3)));
    await expect.poll(async () => (await watcher.lanes())[0]!.cursor.seq, WAITING).toBe(3);
    journals.proxy.loseAnswersTo("COMMIT");
    const appending = refusal(appendIds(reader, [5, 6]));
    await watcher.appended(4, new AbortController().signal);
    await server.restore();
    for (const error of await Promise.all([committing, appending])) {
      expect(error.code).toBe("STATE_RESTORED");
      expect(error.describe()).toContain("callsheet repair --cluster");
    }
    expect((await refusal(appendIds(reader, [7]))).code).toBe("STATE_RESTORED");
    expect((await refusal(notify.commit(step(3)))).code).toBe("STATE_RESTORED");
    expect(await idsAfter(await open(), 0)).toEqual([1, 2, 3]);
  });

  test("is told of by the next write, though every look has seen less than what is gone", async () => {
    journals.freshSchema();
    const member = (name: string) => ({ name, labels: [], weight: 1, version: "1", leaseMs: 60_000 });
    const [ada, bob] = [await open({ member: member("ada") }), await open({ member: member("bob") })];
    await appendIds(ada, [1, 2]);
    const notify = await lane(ada);
    await notify.commit(step(1));
    await expect.poll(() => bob.cluster!.view?.lanes.length, WAITING).toBe(1);
    const [{ version }] = await ask("SELECT version FROM lane");
    // as a standby that lacked the last moment when it was promoted: no look comes in between
    const client = new pg.Client({
      connectionString: server.url,
      options: `-c search_path=${journals.schema}`,
    });
    await client.connect();
    await client.query("BEGIN; LOCK TABLE move");
    await notify.commit(step(2));
    await client.query(`UPDATE lane SET version = ${version}, cursor = 1; COMMIT`);
    await client.end();
    expect((await refusal(notify.commit(step(2)))).code).toBe("STATE_RESTORED");
    const { signal } = new AbortController();
    for (const { cluster } of [ada, bob])
      await expect.poll(async () => (await refusal(cluster!.looked(signal))).code).toBe("STATE_RESTORED");
  });

  test("was written by another in the same epoch: no step goes there", async () => {
    journals.freshSchema();
    const journal = await open();
    await appendIds(journal, [1, 2]);
    const notify = await lane(journal);
    await ask("UPDATE lane SET owner = 'another'");
    expect((await refusal(notify.commit(step(1)))).code).toBe("STATE_RESTORED");
    expect(await ask("SELECT cursor FROM lane")).toEqual([{ cursor: "0" }]);
  });

  test("is not retained: what is removed is of the journal that was written", async () => {
    journals.freshSchema();
    const journal = await open();
    await appendIds(journal, [1, 2, 3]);
    await ask("UPDATE reader SET version = version - 1, last_seq = 2");
    const removing = journal.retain({ maxAgeMs: 0, maxBytes: 1 });
    expect((await refusal(removing)).code).toBe("STATE_RESTORED");
    expect((await refusal(appendIds(journal, [4]))).code).toBe("STATE_RESTORED");
  });
});
