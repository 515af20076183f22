/** Both directions of a move between a state folder and a cluster's database. */
import { Engine } from "../postgres/engine.ts";
import { refuseInRepair } from "../postgres/history/check.ts";
import { migrate } from "../postgres/migrate.ts";
import { postgresSource } from "../postgres/moving/source.ts";
import { postgresTarget } from "../postgres/moving/target.ts";
import { refuseRunning } from "../postgres/running.ts";
import { openSqliteSource, openStayingFolder } from "../sqlite/moving/source.ts";
import { openSqliteTarget } from "../sqlite/moving/target.ts";
import { type AbandonReport, abandonMove } from "./abandon.ts";
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

/** What a state is moved out of. */
export type From = "sqlite" | "postgres";

/** @throws STATE_MOVED, STATE_LOCKED, STATE_UNUSABLE, STATE_CORRUPT, STATE_TOO_NEW, STATE_FULL, USAGE; to be repeated then */
export function moveBetween(
  ends: Ends,
  from: From,
  progress: (events: number, of: number) => void,
): Promise<MoveReport> {
  return withDatabase(ends, async (engine) => {
    await refuseInRepair(engine);
    await refuseRunning(engine, ends.leaseMs);
    if (from === "sqlite") {
      const source = await openSqliteSource(ends.folder);
      return await moveState(source, postgresTarget(engine), progress).finally(() => source.close());
    }
    const target = await openSqliteTarget(ends.folder);
    return await moveState(postgresSource(engine), target, progress).finally(() => target.close());
  });
}

/** Gives up a move that has not finished. @throws as `moveBetween` */
export function abandonBetween(ends: Ends, from: From): Promise<AbandonReport> {
  return withDatabase(ends, async (engine) => {
    if (from === "sqlite") {
      const source = await openStayingFolder(ends.folder);
      return await abandonMove(source, postgresTarget(engine)).finally(() => source.close());
    }
    const target = await openSqliteTarget(ends.folder);
    return await abandonMove(postgresSource(engine), target).finally(() => target.close());
  });
}

async function withDatabase<T>(
  { url, schema, leaseMs }: Ends,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const engine = new Engine({
    url,
    schema,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    connections: 2,
  });
  try {
    await migrate(engine, leaseMs);
    return await work(engine);
  } finally {
    await engine.close();
  }
}
