/** Both directions of a move between a state folder and a cluster's database. */
import { Engine } from "../postgres/engine.ts";
import { refuseInRepair } from "../postgres/history/check.ts";
import { migrate } from "../postgres/migrate.ts";
import { postgresSource } from "../postgres/moving/source.ts";
import { postgresTarget } from "../postgres/moving/target.ts";
import { refuseRunning } from "../postgres/running.ts";
import { openSqliteSource } from "../sqlite/moving/source.ts";
import { openSqliteTarget } from "../sqlite/moving/target.ts";
import { type MoveReport, moveState } from "./move.ts";

/** Emptying large tables may take a while. */
const STATEMENT_TIMEOUT_MS = 60_000;
const CONNECT_TIMEOUT_MS = 5000;

export interface Ends {
  /** The state folder. */
  folder: string;
  /** Of the database, and the schema in it. */
  url: string;
  schema: string;
  /** Of daemons that may run, ms. */
  leaseMs: number;
}

/**
 * @param from what the state is moved out of
 * @throws STATE_MOVED, STATE_LOCKED, STATE_UNUSABLE, STATE_CORRUPT, STATE_TOO_NEW, STATE_FULL, USAGE; to be repeated then
 */
export async function moveBetween(
  { folder, url, schema, leaseMs }: Ends,
  from: "sqlite" | "postgres",
  progress: (events: number, of: number) => void,
): Promise<MoveReport> {
  const engine = new Engine({
    url,
    schema,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    connections: 2,
  });
  try {
    await migrate(engine, leaseMs);
    await refuseInRepair(engine);
    await refuseRunning(engine, leaseMs);
    if (from === "sqlite") {
      const source = await openSqliteSource(folder);
      return await moveState(source, postgresTarget(engine), progress).finally(() => source.close());
    }
    const target = await openSqliteTarget(folder);
    return await moveState(postgresSource(engine), target, progress).finally(() => target.close());
  } finally {
    await engine.close();
  }
}
