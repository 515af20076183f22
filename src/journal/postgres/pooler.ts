/**
 * A pooler such as PgBouncer before the database. What is set on a connection, what it listens to and its prepared statements stay with one
 * connection of the server's: so each of ours needs one for itself, as in PgBouncer's session mode.
 */
import type pg from "pg";
import { CallsheetError } from "../../errors.ts";
import type { Engine } from "./engine.ts";
import { translated } from "./trouble.ts";

/** Poolers hand out the connection that was given back last, or each in turn: it shows soon. */
const ROUNDS = 5;

/** What is done about it, whichever way it shows. */
export const OWN_CONNECTIONS =
  "Let cluster.url lead to PostgreSQL itself, or to a pool in session mode (pool_mode = session); docs/cluster.md says more.";

type Asked = Pick<pg.Client, "query">;

/**
 * To be called before anything is set on a connection: it would stay with one that others get, too.
 * @throws CallsheetError STATE_UNUSABLE where connections share those of the server
 */
export async function refuseShared(engine: Engine): Promise<void> {
  const opened: pg.Client[] = [];
  const open = async () => {
    const client = await engine.bareConnection();
    opened.push(client);
    return client;
  };
  try {
    const one = await open();
    if (await isDirect(one)) return;
    if (await areShared(one, await open())) throw shared(engine.where);
  } catch (error) {
    throw translated(error, engine.where);
  } finally {
    await Promise.all(opened.map((client) => client.end()));
  }
}

/** A pooler has told a process of its own making. */
async function isDirect(client: pg.Client): Promise<boolean> {
  const { processID } = client as pg.Client & { processID?: number };
  return processID === (await processOf(client));
}

/** Whether the server does by one process what two connections ask, or by several what one asks. */
export async function areShared(one: Asked, other: Asked): Promise<boolean> {
  const first = await processOf(one);
  for (let round = 0; round < ROUNDS; round += 1) {
    // twice in a row: of two that are given out in turn, each of ours would otherwise always get the same
    if ((await processOf(one)) !== first || (await processOf(other)) === first) return true;
  }
  return false;
}

async function processOf(client: Asked): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]!.pid;
}

function shared(where: string): CallsheetError {
  return new CallsheetError(
    "STATE_UNUSABLE",
    `The database at ${where} cannot be used: a pooler before it gives each statement another connection of the server (as PgBouncer does in transaction mode).`,
    { hint: OWN_CONNECTIONS },
  );
}
