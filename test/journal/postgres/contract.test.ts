import { afterAll, beforeAll, describe } from "vitest";
import type { Journal } from "../../../src/journal/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { type JournalFixture, journalContract } from "../contract.ts";
import { type PostgresServer, postgresMissing, startPostgres } from "./server.ts";

interface FixtureOptions {
  cacheBytes?: number;
  /** With leases that end. */
  member?: boolean;
}

const missing = await postgresMissing();
if (missing) console.warn(`SKIPPED: ${missing}`);

describe.skipIf(missing !== null)("on a real server", () => {
  let server: PostgresServer;
  let count = 0;

  beforeAll(async () => {
    server = await startPostgres(["fsync=off"]);
  });
  afterAll(() => server.stop());

  async function fixture({ member = false, ...options }: FixtureOptions): Promise<JournalFixture> {
    count += 1;
    const schema = `contract_${count}`;
    let hosts = 0;
    const host = () => {
      hosts += 1;
      return { member: { name: `host${hosts}`, labels: [], weight: 1, version: "1", leaseMs: 3000 } };
    };
    const open = () =>
      openPostgresJournal({ url: server.url, schema, connections: 4, ...options, ...(member && host()) });
    const opened: Journal[] = [];
    const another = async () => {
      const journal = await open();
      opened.push(journal);
      return journal;
    };
    return {
      journal: await another(),
      // the one that was there is not told: its daemon is gone
      kill: another,
      async end() {
        for (const journal of opened) await journal.close();
      },
    };
  }

  journalContract("PostgreSQL", () => fixture({}));
  journalContract("PostgreSQL, in a cluster", () => fixture({ member: true }));
  journalContract("PostgreSQL with little memory", () => fixture({ cacheBytes: 0 }));
});
