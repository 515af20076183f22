import { describe } from "vitest";
import type { Journal } from "../../../src/journal/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { type JournalFixture, journalContract } from "../contract.ts";
import { useServer, withoutPostgres } from "./use-server.ts";

interface FixtureOptions {
  cacheBytes?: number;
  /** With leases that end. */
  member?: boolean;
}

describe.skipIf(withoutPostgres)("on a real server", () => {
  const server = useServer();

  async function fixture({ member = false, ...options }: FixtureOptions): Promise<JournalFixture> {
    const schema = server.freshSchema();
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
