/** What a host remembers of the database. */
import { describe, expect, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import { lookNow } from "../../../src/journal/postgres/history/look.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { appendIds } from "../support.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

describe.skipIf(withoutPostgres)("what is remembered of a lane", { timeout: 60_000 }, () => {
  const server = useServer();

  test("is an id up to which it has had everything, whatever came late", async () => {
    const options = { url: server.url, schema: "history" };
    const journal = await openPostgresJournal(options);
    // 3 and 4 came late
    await appendIds(journal, [1, 2, 5, 6, 3, 4, 7]);
    const limits = { statementTimeoutMs: 5000, connectTimeoutMs: 5000, connections: 1 };
    const engine = new Engine({ ...options, ...limits });
    const lane = await journal.openLane({ id: "a", path: "/p/a.ts", name: "a", startSeq: 0 });
    const lastIds: (number | null)[] = [];
    for (let seq = 0; seq <= 7; seq += 1) {
      if (seq > 0) await lane.commit({ seq, begun: false, finishedCallbacks: 0 });
      lastIds.push((await lookNow(engine)).lanes[0]!.lastId);
    }
    expect(lastIds).toEqual([0, 1, 2, 2, 2, 3, 6, 7]);
    await engine.close();
    await journal.close();
  });
});
