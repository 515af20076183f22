/** What was told to be stored is on the server's disk, whatever its settings say of those who do not ask. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import { Client } from "../../../src/journal/postgres/client.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { appendIds } from "../support.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

describe.skipIf(withoutPostgres)("a server that does not wait for its disk", { timeout: 60_000 }, () => {
  const server = useServer(["synchronous_commit=off", "wal_writer_delay=10s"]);

  test("waits for it here: killed, it has every step and event", async () => {
    const options = { url: server.url, schema: server.freshSchema() };
    const journal = await openPostgresJournal(options);
    await appendIds(journal, [1, 2, 3]);
    const lane = await journal.openLane({ id: "a", path: "/p/a.ts", name: "a", startSeq: 0 });
    for (const seq of [1, 2, 3]) await lane.commit({ seq, begun: false, finishedCallbacks: 0 });
    await server.crash();
    const again = await openPostgresJournal(options);
    expect(again.head.lastSeq).toBe(3);
    expect((await again.lanes())[0]!.cursor.seq).toBe(3);
    for (const one of [journal, again]) await one.close();
  });

  test("that is told to wait for more keeps to that", async () => {
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query("ALTER ROLE owner SET synchronous_commit = 'remote_apply'");
    const ours = new Client({ connectionString: server.url, session: {} });
    await ours.connect();
    expect((await ours.query("SHOW synchronous_commit")).rows).toEqual([
      { synchronous_commit: "remote_apply" },
    ]);
    await client.query("ALTER ROLE owner RESET synchronous_commit");
    for (const one of [client, ours]) await one.end();
  });
});
