/** Taking a lease from a database that needs longer for it than an answer is waited for, or whose answer is lost. */
import pg from "pg";
import { describe, expect, test } from "vitest";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { appendIds } from "../support.ts";
import { useJournals } from "./use-journals.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

const LEASE_MS = 3000;
const WAITING = { timeout: 30_000, interval: 20 };

describe.skipIf(withoutPostgres)("a lease that is taken", { timeout: 120_000 }, () => {
  const server = useServer();
  const journals = useJournals(server);

  const open = (name: string, more: Parameters<typeof journals.open>[0] = {}) => {
    const member = { name, labels: [], weight: 1, version: "1", leaseMs: LEASE_MS };
    return journals.open({ statementTimeoutMs: 10_000, member, ...more });
  };
  const notify = { id: "notify", path: "/plugins/notify.ts", name: "notify", startSeq: 0 };
  const ask = async (text: string) => {
    const client = new pg.Client({
      connectionString: server.url,
      options: `-c search_path=${journals.schema}`,
    });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const slowly = (what: string) =>
    ask(`
      CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NEW; END $$;
      CREATE TRIGGER slow BEFORE ${what} EXECUTE FUNCTION slowly()`);
  const TAKING = "FOR EACH ROW WHEN (NEW.epoch <> OLD.epoch)";
  /** As one that had it and is gone left it. */
  const abandoned = async (record: (journal: PostgresJournal) => { free: boolean } | null | undefined) => {
    journals.freshSchema();
    const gone = await open("gone");
    await appendIds(gone, [1]);
    await gone.openLane(notify, null);
    const heir = await open("heir");
    await journals.opened.splice(journals.opened.indexOf(gone), 1)[0]!.close();
    await expect.poll(() => record(heir)?.free, WAITING).toBe(true);
    return heir;
  };

  test("slowly is its lane's own", async () => {
    const heir = await abandoned(({ cluster }) => cluster!.view?.lanes[0]);
    await slowly(`UPDATE ON lane ${TAKING}`);
    const seen = heir.cluster!.view!.lanes[0]!;
    const lane = await heir.openLane(notify, seen);
    expect(lane.epoch).toBe(seen.epoch + 1);
    await lane.commit({ seq: 1, begun: false, finishedCallbacks: 0 });
  });

  test("slowly is the reader's own", async () => {
    const heir = await abandoned(({ cluster }) => cluster!.view?.reader);
    await slowly(`UPDATE ON reader ${TAKING}`);
    await heir.cluster!.openReader(heir.cluster!.view!.reader);
    await appendIds(heir, [2]);
    expect(heir.head.lastSeq).toBe(2);
  });

  test("slowly is its own, too, where there was no lane before", async () => {
    journals.freshSchema();
    const journal = await open("ada");
    await slowly("INSERT ON lane FOR EACH ROW");
    const lane = await journal.openLane(notify, null);
    expect(lane.epoch).toBe(1);
  });
});
