/** One server for the tests of a file, and a schema in it for each of them. */
import { afterAll, beforeAll } from "vitest";
import { type PostgresServer, postgresMissing, startPostgres } from "./server.ts";

const missing = await postgresMissing();
if (missing) console.warn(`SKIPPED: ${missing}`);

export const withoutPostgres = missing !== null;

export interface UsedServer extends Omit<PostgresServer, "stop" | "kill"> {
  /** A name that no other test has. */
  freshSchema(): string;
}

/** There from the first test on, and gone after the last. @param settings as of `startPostgres` */
export function useServer(settings: readonly string[] = ["fsync=off"]): UsedServer {
  let server: PostgresServer;
  let count = 0;
  beforeAll(async () => {
    server = await startPostgres(settings);
  });
  afterAll(() => server.stop());
  return {
    get url() {
      return server.url;
    },
    get port() {
      return server.port;
    },
    crash: (awayMs) => server.crash(awayMs),
    backUp: () => server.backUp(),
    restore: () => server.restore(),
    freshSchema() {
      count += 1;
      return `test_${count}`;
    },
  };
}
