/** What a plugin lost to retention is told, though the answer to the removal never came. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { TestLog, until } from "../../daemon/rig.ts";
import { appendIds, refusal } from "../support.ts";
import { type LossyProxy, startProxy } from "./proxy.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const EVERYTHING = { maxAgeMs: 1e9, maxBytes: 0 };
const LOST = { lane: "notify", firstSeq: 1, lastSeq: 3 };

describe.skipIf(withoutPostgres)("a removal whose answer is lost", { timeout: 60_000 }, () => {
  const server = useServer();
  const opened: PostgresJournal[] = [];
  let proxy: LossyProxy;
  let log: TestLog;

  beforeAll(async () => {
    proxy = await startProxy(server.port);
  });
  afterAll(() => proxy.close());
  afterEach(async () => {
    for (const journal of opened.splice(0)) await journal.close();
  });

  /** It removes what a lane has not had, and hears nothing of that; the other has seen that all of it is gone. */
  async function removing() {
    log = new TestLog();
    const schema = server.freshSchema();
    const url = server.url.replace(`:${server.port}`, `:${proxy.port}`);
    const journal = await openPostgresJournal({ url, schema, log });
    const other = await openPostgresJournal({ url: server.url, schema });
    opened.push(journal, other);
    await appendIds(journal, [1, 2, 3]);
    await journal.openLane({ id: "notify", path: "/p/notify.ts", name: "notify", startSeq: 0 });
    proxy.loseAnswersTo("COMMIT");
    const retaining = journal.retain(EVERYTHING);
    await until(() => other.head.firstSeq === 4);
    return { journal, other, retaining };
  }

  test("is told, and whoever removed goes on", async () => {
    const { journal, retaining } = await removing();
    proxy.breakAll();
    expect(await retaining).toEqual({ removed: 3, lost: [LOST] });
    expect(log.lines).toMatchObject([{ level: "error", code: "JOURNAL_DROPPED", lane: "notify" }]);
    expect(await appendIds(journal, [4])).toMatchObject({ lastSeq: 4 });
  });

  test("is told by who removed, also when another reads the site since", async () => {
    const { journal, other, retaining } = await removing();
    await appendIds(other, [4]);
    proxy.breakAll();
    expect(await retaining).toEqual({ removed: 3, lost: [LOST] });
    expect(log.lines).toMatchObject([{ level: "error", code: "JOURNAL_DROPPED", lane: "notify" }]);
    expect((await refusal(appendIds(journal, [5]))).code).toBe("STATE_LOCKED");
  });
});
