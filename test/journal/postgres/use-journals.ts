/** Journals in one schema, some of them through a line that can be cut; closed after each test. */
import { afterAll, afterEach, beforeAll } from "vitest";
import type { PostgresJournal } from "../../../src/journal/postgres/journal.ts";
import { openPostgresJournal } from "../../../src/journal/postgres/open.ts";
import { type LossyProxy, startProxy } from "./proxy.ts";
import type { UsedServer } from "./use-server.ts";

type Options = Parameters<typeof openPostgresJournal>[0];

export interface UsedJournals {
  /** Between the database and who is opened with `throughProxy`. */
  readonly proxy: LossyProxy;
  readonly schema: string;
  readonly opened: PostgresJournal[];
  /** From here on they are in a schema that no other test has. */
  freshSchema(): void;
  throughProxy(): { url: string };
  open(more?: Partial<Options>): Promise<PostgresJournal>;
}

export function useJournals(server: UsedServer): UsedJournals {
  let proxy: LossyProxy;
  let schema = "";
  const opened: PostgresJournal[] = [];
  beforeAll(async () => {
    proxy = await startProxy(server.port);
  });
  afterAll(async () => {
    await proxy.close();
  });
  afterEach(async () => {
    proxy.refuse(false);
    for (const journal of opened.splice(0)) await journal.close();
  });
  return {
    get proxy() {
      return proxy;
    },
    get schema() {
      return schema;
    },
    opened,
    freshSchema() {
      schema = server.freshSchema();
    },
    throughProxy: () => ({ url: server.url.replace(`:${server.port}`, `:${proxy.port}`) }),
    async open(more = {}) {
      const journal = await openPostgresJournal({
        ...{ url: server.url, schema, statementTimeoutMs: 2000 },
        ...more,
      });
      opened.push(journal);
      return journal;
    },
  };
}
