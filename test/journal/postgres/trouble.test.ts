/** What only a database that others use too can do: be away, lose an answer, have another owner, be of another version. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { appendIds, idsAfter, refusal } from "../support.ts";
import { useJournals } from "./use-journals.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

describe.skipIf(withoutPostgres)("a database", () => {
  const server = useServer([]);
  const journals = useJournals(server);

  const { open, throughProxy } = journals;
  const fresh = (more = {}) => {
    journals.freshSchema();
    return open(more);
  };
  const lane = (journal: PostgresJournal, id = "notify") =>
    journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq: 0 });

  test("that is killed and comes back loses no step of a lane that was told to be stored", async () => {
    const journal = await fresh();
    await appendIds(
      journal,
      Array.from({ length: 400 }, (_, i) => i + 1),
    );
    const notify = await lane(journal);
    let stored = 0;
    let crashing: Promise<void> | null = null;
    for (let seq = 1; seq <= 400; seq += 1) {
      await notify.commit({ seq, begun: false, finishedCallbacks: 0 });
      stored = seq;
      if (seq === 100) crashing = server.crash();
    }
    await crashing;
    expect(stored).toBe(400);
    expect((await (await open()).lanes())[0]!.cursor).toEqual({ seq: 400, begun: null });
  });

  test("whose answer to a step is lost is asked whether it was stored, and it is stored once", async () => {
    const journal = await fresh(throughProxy());
    await appendIds(journal, [1, 2, 3, 4]);
    const notify = await lane(journal);
    await notify.commit({ seq: 1, begun: false, finishedCallbacks: 0 });
    const { version } = await row();
    // each request names its prepared statement
    journals.proxy.loseAnswersTo("lane");
    const committing = notify.commit({ seq: 2, begun: false, finishedCallbacks: 0 });
    await expect.poll(async () => (await row()).version).toBe(version + 1);
    journals.proxy.breakAll();
    await committing;
    await notify.commit({ seq: 3, begun: true, finishedCallbacks: 0 });
    expect(await row()).toEqual({ version: version + 2, cursor: 2, begun: true });
  });

  test("whose answer to an append is lost has the events once", async () => {
    const journal = await fresh(throughProxy());
    await appendIds(journal, [1, 2]);
    const watcher = await open();
    journals.proxy.loseAnswersTo("COMMIT");
    const appending = appendIds(journal, [3, 4, 5]);
    await watcher.appended(4, new AbortController().signal);
    journals.proxy.breakAll();
    const appended = await appending;
    expect(appended).toMatchObject({ firstSeq: 3, lastSeq: 5 });
    expect(await idsAfter(watcher, 0)).toEqual([1, 2, 3, 4, 5]);
    expect(await idsAfter(journal, 0)).toEqual([1, 2, 3, 4, 5]);
  });

  test("whose answer to going on after another daemon is lost tells of it as it was", async () => {
    const journal = await fresh(throughProxy());
    const watcher = await open();
    const had = { lastId: 7, pending: [], as: "had_before" as const };
    const heir = { id: "one", path: "/p/one.ts", name: "one", had };
    journals.proxy.loseAnswersTo("COMMIT");
    const inheriting = journal.inherit({ reader: { position: 7, gaps: [] }, lanes: [heir] });
    await expect.poll(async () => (await watcher.lanes()).length).toBe(1);
    journals.proxy.breakAll();
    expect(await inheriting).toMatchObject([{ path: "/p/one.ts", outcome: "begun", lastId: 7 }]);
  });

  test("that cannot be reached holds questions and steps up until it can", async () => {
    const journal = await fresh(throughProxy());
    await appendIds(journal, [1, 2]);
    const notify = await lane(journal);
    journals.proxy.refuse(true);
    journals.proxy.breakAll();
    const found = journal.find(2);
    const committing = notify.commit({ seq: 1, begun: false, finishedCallbacks: 0 });
    await expect.poll(() => journal.awaySince).not.toBeNull();
    journals.proxy.refuse(false);
    await committing;
    expect((await found)?.seq).toBe(2);
    expect(journal.awaySince).toBeNull();
  });

  test("that cannot be reached is told of a pause when it can, and until then nobody is", async () => {
    const journal = await fresh(throughProxy());
    const notify = await lane(journal);
    journals.proxy.refuse(true);
    journals.proxy.breakAll();
    const note = { by: "lena", why: "", at: "2026-11-20T08:00:00Z" };
    const pausing = notify.setPaused(note);
    await expect.poll(() => journal.awaySince).not.toBeNull();
    expect(notify.paused).toBeNull();
    journals.proxy.refuse(false);
    await pausing;
    expect(notify.paused).toEqual(note);
    expect((await (await open()).lanes())[0]!.paused).toEqual(note);
  });

  test("a daemon that is behind learns of what another appends, from memory and by asking", async () => {
    const reader = await fresh();
    const follower = await open();
    const never = new AbortController().signal;
    const waiting = follower.appended(0, never);
    await appendIds(reader, [1, 2, 3]);
    await waiting;
    expect(await idsAfter(follower, 0)).toEqual([1, 2, 3]);
    expect(follower.head).toMatchObject({ firstSeq: 1, lastSeq: 3 });
  });

  test("one reader at a time appends: who took the lease later fences the other off", async () => {
    const older = await fresh();
    await appendIds(older, [1, 2]);
    const newer = await open();
    await appendIds(newer, [2, 3]);
    const error = await refusal(appendIds(older, [3, 4]));
    expect(error.code).toBe("STATE_LOCKED");
    expect((await refusal(appendIds(older, [5]))).code).toBe("STATE_LOCKED");
    expect(await idsAfter(newer, 0)).toEqual([1, 2, 3]);
  });

  test("may be opened for the first time by several daemons at once", async () => {
    journals.freshSchema();
    const three = await Promise.all([open(), open(), open()]);
    await appendIds(three[1]!, [1]);
    expect(await idsAfter(three[1]!, 0)).toEqual([1]);
  });

  test("of a newer Callsheet is refused and left alone", async () => {
    await fresh();
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`UPDATE ${journals.schema}.format SET version = 99, oldest = 99`);
    const error = await refusal(open());
    expect(error.code).toBe("STATE_TOO_NEW");
    expect(error.describe()).toContain("format 99");
    await client.end();
  });

  test.each([
    [{ url: "not an address" }, "cluster.url is not an address"],
    [{ url: "postgres://x/y", schema: 'a"b' }, "is no plain name"],
  ])("%j is no configuration", async (options, sentence) => {
    const error = await refusal(openPostgresJournal(options));
    expect(error.code).toBe("CONFIG_INVALID");
    expect(error.message).toContain(sentence);
  });

  async function row(): Promise<{ version: number; cursor: number; begun: boolean }> {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query(`SELECT version, cursor, begun FROM ${journals.schema}.lane`);
    await client.end();
    return { version: Number(rows[0].version), cursor: Number(rows[0].cursor), begun: rows[0].begun };
  }
});
