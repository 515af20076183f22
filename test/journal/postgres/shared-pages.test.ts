/** Lanes that are behind read the same events: the database is asked once for all of them. */
import { describe, expect, test } from "vitest";
import { Engine } from "../../../src/journal/postgres/engine.ts";
import { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { readSize } from "../../../src/journal/postgres/size.ts";
import { readStanding } from "../../../src/journal/postgres/standing.ts";
import { appendIds } from "../support.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const ALL = Array.from({ length: 1200 }, (_, i) => i + 1);
const LANES = 8;

class CountingEngine extends Engine {
  pages = 0;

  override rows<T>(...asked: Parameters<Engine["rows"]>): Promise<T[]> {
    if (asked[2] === "page") this.pages += 1;
    return super.rows<T>(...asked);
  }
}

describe.skipIf(withoutPostgres)("pages of the database", () => {
  const server = useServer();

  /** A daemon that was started when all events were there, and has none of them in memory. */
  async function behind() {
    const schema = server.freshSchema();
    const writer = await openPostgresJournal({ url: server.url, schema });
    await appendIds(writer, ALL);
    await writer.close();
    const engine = new CountingEngine({
      ...{ url: server.url, schema, connections: 4 },
      ...{ statementTimeoutMs: 10_000, connectTimeoutMs: 10_000 },
    });
    const parts = { member: null, log: null, now: () => new Date(), cacheBytes: 10_000_000 };
    return {
      engine,
      journal: new PostgresJournal({
        engine,
        standing: await readStanding(engine),
        size: await readSize(engine),
        ...parts,
      }),
    };
  }

  /** Ids, as a lane reads them from `afterSeq` on. */
  async function readOn(journal: PostgresJournal, afterSeq: number): Promise<number[]> {
    const ids: number[] = [];
    for (let page = await journal.read(afterSeq, 400); page.entries.length > 0; ) {
      ids.push(...page.entries.map(({ id }) => id));
      page = await journal.read(page.entries.at(-1)!.seq, 400);
    }
    return ids;
  }

  test("are asked for once by lanes that read at the same time, or one after the other", async () => {
    const { engine, journal } = await behind();
    const together = await Promise.all(Array.from({ length: LANES }, () => readOn(journal, 0)));
    expect(together).toEqual(Array.from({ length: LANES }, () => ALL));
    expect(await readOn(journal, 700)).toEqual(ALL.slice(700));
    expect(engine.pages).toBe(3);
    await journal.close();
  });
});
