import pg from "pg";
import { describe, expect, test } from "vitest";
import type { OperatorNote } from "../../../src/journal/journal.ts";
import { until } from "../../daemon/rig.ts";
import { appendIds } from "../support.ts";
import { useJournals } from "./use-journals.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const NOTE: OperatorNote = { by: "zoe@desk", why: "the take was wrong", at: "2026-11-01T08:00:00.000Z" };

describe.skipIf(withoutPostgres)("a lane that is moved back", () => {
  const server = useServer();
  const journals = useJournals(server);

  test("forgets when its events were finished, also where all that is not stored yet is stored during the move", async () => {
    journals.freshSchema();
    const open = () => journals.open({ statementTimeoutMs: 60_000 });
    const first = await open();
    await appendIds(first, [101, 102, 103]);
    const laneOf = (journal: typeof first) =>
      journal.openLane({ id: "notify", path: "/notify.ts", name: "notify", startSeq: 0 });
    const lane = await laneOf(first);
    await lane.handOver({ from: 1, to: 3, matched: [1, 2, 3] });
    await lane.commit({ seq: 3, begun: false, finishedCallbacks: 0 });
    const now = Date.now();
    lane.reached({ seq: 2, at: now });
    lane.reached({ seq: 3, at: now + 10 });

    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    try {
      await client.query(`BEGIN; SELECT * FROM ${journals.schema}.lane FOR UPDATE`);
      const moving = lane.moveCursor({ from: 3, to: 1 }, NOTE);
      await until(async () => {
        const { rows } = await client.query("SELECT FROM pg_locks WHERE NOT granted");
        return rows.length > 0;
      });
      const inheriting = first.inherit({ reader: { position: 103, gaps: [] }, lanes: [] });
      await client.query("COMMIT");
      await Promise.all([moving, inheriting]);
    } finally {
      await client.end();
    }
    await first.close();

    const second = await open();
    const again = await laneOf(second);
    await again.handOver({ from: 2, to: 3, matched: [2, 3] });
    await again.commit({ seq: 3, begun: false, finishedCallbacks: 0 });
    again.reached({ seq: 3, at: now + 60_000 });
    expect((await second.whenDone({ seq: 2 })).get("notify")?.before).toBe(now + 60_000);
  });
});
