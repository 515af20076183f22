/**
 * A database that was restored or emptied, mended from what this host has seen: it is given back what it does not know any more of
 * lanes and reader. Then the site is read to its end (by the caller), and what may come again is marked.
 */
import { existsSync } from "node:fs";
import { CallsheetError } from "../../../errors.ts";
import type { Journal } from "../../journal.ts";
import { whereOf } from "../address.ts";
import { Engine } from "../engine.ts";
import { fence } from "../fence.ts";
import { migrate } from "../migrate.ts";
import { refuseMoved } from "../moving/mark.ts";
import { openPostgresJournal } from "../open.ts";
import { refuseRunning } from "../running.ts";
import { translated } from "../trouble.ts";
import { refuseInRepair, refuseRestored } from "./check.ts";
import { beginRepair, endRepair, goesOnFrom, newIdentity } from "./identity.ts";
import { lookNow } from "./look.ts";
import { estateOf, readSeen, type Seen, writeSeen } from "./seen.ts";

export interface ClusterMending {
  /** When this host saw the database last, ISO 8601. */
  seenAt: string;
  /** To read the site into. */
  journal: Journal;
  /** Marks what may come again, and lets daemons use the database. */
  finish(): Promise<MendedLane[]>;
  close(): Promise<void>;
}

export interface MendedLane {
  name: string;
  /** Events that come next and may have been had before: they are marked as redelivered. */
  doubtful: number;
}

export interface MendOptions {
  url: string;
  schema: string;
  /** What this host has seen: `PostgresOptions.memory`. */
  memory: string;
  /** Of daemons that may run. */
  leaseMs: number;
}

/** @returns null when the database is as far as this host has seen it. @throws STATE_UNUSABLE when it has seen nothing; STATE_* */
export async function openClusterMending(options: MendOptions): Promise<ClusterMending | null> {
  const { url, schema, memory, leaseMs } = options;
  const seen = readSeen(memory);
  if (!seen) throw knowsNothing(url, memory);
  const engine = new Engine({ ...LIMITS, url, schema });
  try {
    await migrate(engine, leaseMs);
    await refuseMoved(engine);
    if (await isSound(engine, seen, memory)) {
      await engine.close();
      return null;
    }
    await refuseRunning(engine, leaseMs);
    await engine.transaction(async (session) => {
      // what the fence raises is what tells that it went back
      await beginRepair(session);
      await fence(session);
    });
    const journal = await openPostgresJournal({ url, schema });
    const close = async () => {
      await journal.close();
      await engine.close();
    };
    await giveBack(journal, seen).catch(async (error) => {
      await close();
      throw error;
    });
    return { seenAt: seen.at, journal, finish: () => finish(engine, memory, seen), close };
  } catch (error) {
    await engine.close().catch(() => {});
    throw translated(error, engine.where);
  }
}

const LIMITS = { statementTimeoutMs: 60_000, connectTimeoutMs: 5000, connections: 2 };

async function isSound(engine: Engine, seen: Seen, memory: string): Promise<boolean> {
  try {
    await refuseInRepair(engine);
    await refuseRestored(engine, seen, memory);
    return true;
  } catch (error) {
    if (error instanceof CallsheetError && error.code === "STATE_RESTORED") return false;
    throw error;
  }
}

function knowsNothing(url: string, memory: string): CallsheetError {
  const what = existsSync(memory) ? `${memory} cannot be read` : `there is no ${memory}`;
  return new CallsheetError(
    "STATE_UNUSABLE",
    `This host does not know how far the database at ${whereOf(url)} was: ${what}. Whether it went back cannot be told here.`,
    { hint: "Nothing was changed. Give callsheet repair --cluster on the host that ran last." },
  );
}

/** No lane goes back by it, and none is given again what it is known to have had. */
async function giveBack(journal: Journal, seen: Seen): Promise<void> {
  const estate = estateOf(seen);
  if (!estate) return;
  const state = await journal.readerState();
  // ids of another generation are other events
  const sameIds = state === null || state.generation === seen.reader!.generation;
  await journal.inherit(sameIds ? estate : { ...estate, lanes: [] });
}

async function finish(engine: Engine, memory: string, seen: Seen): Promise<MendedLane[]> {
  const lanes = await engine.transaction(async (session) => {
    const rows = await session.rows<MendedLane>(
      `UPDATE lane SET doubtful_to = greatest(doubtful_to, r.last_seq), owner = NULL,
         epoch = lane.epoch + 1, version = lane.version + 1
       FROM reader AS r WHERE r.last_seq > lane.cursor
       RETURNING lane.name, (r.last_seq - lane.cursor)::bigint AS doubtful`,
    );
    // what was being asked when the backup was made was done since, or taken back: nobody waits for it
    await session.rows("DELETE FROM command");
    // of a reader whose record is not there any more
    await session.rows("DELETE FROM tenure WHERE epoch > coalesce((SELECT epoch FROM reader), 0)");
    await endRepair(session);
    await goesOnFrom(session, seen.identity);
    await newIdentity(session, "repaired");
    return rows;
  });
  await writeSeen(memory, await lookNow(engine));
  return lanes;
}
