/** Opening the journal of a cluster. */
import { existsSync } from "node:fs";
import { CallsheetError } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import type { Starting } from "../starting.ts";
import { Engine, type EngineOptions } from "./engine.ts";
import { refuseInRepair, refuseRestored } from "./history/check.ts";
import { Remembering } from "./history/remember.ts";
import { readSeen } from "./history/seen.ts";
import { PostgresJournal } from "./journal.ts";
import { type MemberOptions, Membership } from "./membership.ts";
import { migrate } from "./migrate.ts";
import { refuseMoved } from "./moving/mark.ts";
import { NO_RUNS, openRuns } from "./runs.ts";
import { readSize } from "./size.ts";
import { readStanding } from "./standing.ts";

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database`. */
  url: string;
  /** Schema that everything is kept in; made when it is not there. Default `callsheet`. */
  schema?: string;
  log?: Log;
  now?: () => Date;
  /** Memory for recent events, bytes. Default 32 MB. */
  cacheBytes?: number;
  /** Longest time one statement may take, ms. Default 10 s. */
  statementTimeoutMs?: number;
  /** Connections at most. Default 8. */
  connections?: number;
  /** File in which a member keeps what it has seen of the database; one that went back since is refused. Default: nothing is kept. */
  memory?: string;
  /** File in which a member keeps which daemon it is, in a folder that is its alone: the next one there gets its name at once. Default: none. */
  runs?: string;
  /** Joins the cluster: leases end, and can be taken over. Default: it does not. */
  member?: MemberOptions;
  /** Where a member may have to wait for its name. Default: nothing ends that. */
  starting?: Starting | undefined;
}

const CONNECT_TIMEOUT_MS = 5000;
const SCHEMA = /^[a-z_][a-z0-9_]{0,62}$/;

/**
 * @throws CallsheetError STATE_UNUSABLE, STATE_LOCKED, STATE_TOO_NEW, HOSTS_TOO_OLD, STATE_MOVED, STATE_RESTORED, CONFIG_INVALID; the
 * reason of `starting.signal`
 */
export async function openPostgresJournal({
  url,
  schema = "callsheet",
  log,
  now = () => new Date(),
  cacheBytes = 32 * 1024 * 1024,
  statementTimeoutMs = 10_000,
  connections = 8,
  member,
  memory,
  runs,
  starting,
}: PostgresOptions): Promise<PostgresJournal> {
  if (!SCHEMA.test(schema))
    throw new CallsheetError(
      "CONFIG_INVALID",
      `cluster.schema is ${JSON.stringify(schema)}, which is no plain name.`,
      {
        hint: "Use small letters, digits and underscores.",
      },
    );
  await prepare({ url, schema, statementTimeoutMs }, member?.leaseMs);
  const quickMs = member && member.leaseMs / 3;
  const engine = new Engine({
    ...{ url, schema, statementTimeoutMs, connections },
    connectTimeoutMs: Math.min(CONNECT_TIMEOUT_MS, quickMs ?? CONNECT_TIMEOUT_MS),
    // a member that is frozen in the middle of an append keeps nobody from reading in its place
    idleInTransactionMs: quickMs,
  });
  try {
    if (member) await refuseInRepair(engine);
    const seen = memory === undefined ? null : readSeen(memory);
    if (!seen && memory !== undefined && existsSync(memory))
      log?.warn(`${memory} cannot be read: whether the database went back since then is not known here`);
    const known = seen && (await refuseRestored(engine, seen, memory!)) ? seen : null;
    const standing = await engine.patiently(() => readStanding(engine));
    const size = await engine.patiently(() => readSize(engine));
    const membership = member ? new Membership(engine, member) : null;
    await membership?.join(runs === undefined ? NO_RUNS : openRuns(runs), log, starting);
    if (memory !== undefined) membership?.remember(new Remembering(engine, memory, known));
    const parts = { engine, standing, size, member: membership, log: log ?? null, now, cacheBytes };
    return new PostgresJournal(parts);
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/**
 * Its tables, as this version needs them. No lease depends on this yet: it has a connection of its own, with the whole time to be made.
 * @throws as `openPostgresJournal`, at once when the database does not answer
 */
async function prepare(
  settings: Pick<EngineOptions, "url" | "schema" | "statementTimeoutMs">,
  leaseMs: number | undefined,
): Promise<void> {
  const engine = new Engine({
    ...{ ...settings, connections: 1, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    // who is frozen in the middle of it holds nobody up for long
    idleInTransactionMs: CONNECT_TIMEOUT_MS,
  });
  try {
    await migrate(engine, leaseMs);
    await refuseMoved(engine);
  } finally {
    await engine.close();
  }
}
