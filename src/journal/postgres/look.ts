/** A look at the database of a cluster without joining it, and with the eyes of a host that would. */
import { setTimeout as wait } from "node:timers/promises";
import { Engine, type Session } from "./engine.ts";
import { refuseInRepair, refuseRestored, unknownHere } from "./history/check.ts";
import { readSeen } from "./history/seen.ts";
import { tooNew } from "./migrate.ts";
import { FORMAT } from "./migrations.ts";
import { refuseMoved } from "./moving/mark.ts";
import { holderOf, nameTaken } from "./name.ts";
import { refuseShared } from "./pooler.ts";
import { heardWithinMs } from "./running.ts";
import { openRuns } from "./runs.ts";
import { type Suitable, suitable } from "./suitable.ts";
import { translated } from "./trouble.ts";

export interface DatabaseLook extends Suitable {
  /** Its address without user and password. */
  where: string;
  /** Nobody has read the site into it, and no plugin was run from it. */
  empty: boolean;
  /** Daemons that were there a moment ago, or may have been. */
  hosts: { name: string; labels: string[] }[];
}

export interface LookOptions {
  url: string;
  schema: string;
  /** Of the host that would join. */
  name: string;
  leaseMs: number;
  /** As of `PostgresOptions`. */
  memory: string;
  runs: string;
}

interface HostRow {
  name: string;
  /** JSON. */
  labels: string;
}

const WITHIN_MS = 5000;

/**
 * Changes nothing. Where another daemon may have the name, it takes two thirds of a lease to know.
 * @throws CallsheetError what a start would be refused with: STATE_UNUSABLE, STATE_LOCKED, STATE_TOO_NEW, STATE_MOVED, STATE_RESTORED, CONFIG_INVALID
 */
export async function lookAtCluster(host: LookOptions): Promise<DatabaseLook> {
  const { url, schema } = host;
  const options = { url, schema, statementTimeoutMs: WITHIN_MS, connectTimeoutMs: WITHIN_MS, connections: 1 };
  const engine = new Engine(options);
  try {
    await refuseShared(engine);
    const found = await suitable(engine, engine);
    const seen = readSeen(host.memory);
    if (!found.made) {
      if (seen) throw unknownHere(engine.where, seen, host.memory, false);
      return { ...found, where: engine.where, empty: true, hosts: [] };
    }
    if (await isOfNow(engine)) {
      await refuseMoved(engine);
      await refuseInRepair(engine);
      if (seen) await refuseRestored(engine, seen, host.memory);
      await refuseTaken(engine, host);
    }
    const hosts = await engine.rows<HostRow>("SELECT name, labels FROM host ORDER BY name");
    return {
      ...found,
      where: engine.where,
      empty: await isEmpty(engine),
      hosts: hosts.map(({ name, labels }) => ({ name, labels: JSON.parse(labels) as string[] })),
    };
  } catch (error) {
    throw translated(error, engine.where);
  } finally {
    await engine.close();
  }
}

/** False: a start would bring the tables to this version first. @throws STATE_TOO_NEW */
async function isOfNow(engine: Engine): Promise<boolean> {
  const [format] = await engine.rows<{ version: number; oldest?: number }>("SELECT * FROM format");
  const { version = 0, oldest = version } = format ?? {};
  if (oldest > FORMAT.steps.length) throw tooNew(engine, oldest);
  return version >= FORMAT.steps.length;
}

/** @throws STATE_LOCKED when another daemon than this host's own is heard of by its name */
async function refuseTaken(session: Session, { name, leaseMs, runs }: LookOptions): Promise<void> {
  const before = await holderOf(session, name);
  if (!before || openRuns(runs).before.includes(before.id)) return;
  await wait(heardWithinMs(Math.max(leaseMs, before.leaseMs ?? 0), []));
  const now = await holderOf(session, name);
  if (now && (now.id !== before.id || now.beat !== before.beat)) throw nameTaken(name, now);
}

async function isEmpty(session: Session): Promise<boolean> {
  const [row] = await session.rows<{ empty: boolean }>(
    "SELECT NOT EXISTS (SELECT 1 FROM reader WHERE generation IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM lane) AS empty",
  );
  return row!.empty;
}
