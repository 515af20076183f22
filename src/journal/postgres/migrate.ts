/**
 * Brings the tables to the format that this version knows, in one transaction, while daemons of the version before may be at work
 * with them. See `docs/decisions/0026-two-versions-at-a-time.md`.
 */
import { setTimeout as wait } from "node:timers/promises";
import { CallsheetError } from "../../errors.ts";
import type { Engine, Session } from "./engine.ts";
import { fence } from "./fence.ts";
import { FORMAT, type Format } from "./migrations.ts";
import { refuseShared } from "./pooler.ts";
import { type HostBeat, heardSince, heardWithinMs, readBeats } from "./running.ts";
import { suitable } from "./suitable.ts";
import { isLocked, translated } from "./trouble.ts";

/** One daemon at a time migrates. Any number will do, as long as it stays. */
const MIGRATION_LOCK = 4_711_001;
/**
 * Who waits for a table holds up all that come after; so the migration gives way, and comes again. Shorter than the time after which
 * PostgreSQL looks for a deadlock (1 s), so that it is the one that gives way.
 */
const GIVES_WAY_MS = 500;
const PAUSE_MS = 500;
const PATIENCE_MS = 60_000;
const DEFAULT_LEASE_MS = 15_000;

/**
 * @param leaseMs of the daemons that may run
 * @throws STATE_TOO_NEW, HOSTS_TOO_OLD, STATE_UNUSABLE
 */
export async function migrate(
  engine: Engine,
  leaseMs = DEFAULT_LEASE_MS,
  format: Format = FORMAT,
): Promise<void> {
  await refuseShared(engine);
  const end = performance.now() + PATIENCE_MS;
  let before: HostBeat[] | null = null;
  for (;;) {
    try {
      const older = await attempt(engine, format, before);
      if (older === null) return;
      before = older;
      await wait(heardWithinMs(leaseMs, older));
    } catch (error) {
      if (!isLocked(error) || performance.now() > end) throw translated(error, engine.where);
      await wait(PAUSE_MS);
    }
  }
}

/**
 * null: it is done.
 * @returns older hosts that may run, to be looked at again
 */
async function attempt(
  engine: Engine,
  { steps, oldest }: Format,
  before: HostBeat[] | null,
): Promise<HostBeat[] | null> {
  return engine.transaction(async (session) => {
    await suitable(session, engine);
    await session.rows("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    const have = await formatOf(session, engine.schema);
    if (have.oldest > steps.length) throw tooNew(engine, have.oldest);
    if (have.version >= steps.length) return null;
    await session.rows(`SET LOCAL lock_timeout = ${GIVES_WAY_MS}`);
    let standing = false;
    if (have.version > 0 && have.version < oldest) {
      const older = await olderHosts(session, oldest);
      if (older.length > 0 && before === null) return older;
      const running = heardSince(before ?? [], older);
      if (running.length > 0) throw hostsTooOld(engine, running);
      standing = true;
    }
    for (const step of steps.slice(have.version)) await session.rows(step);
    // one that stood still until now goes on with nothing
    if (standing) await fence(session);
    await session.rows("UPDATE format SET version = $1, oldest = $2", [steps.length, oldest]);
    return null;
  });
}

/** None joins until the end of the transaction, and sees the new format before it takes anything. */
async function olderHosts(session: Session, oldest: number): Promise<HostBeat[]> {
  await session.rows("LOCK TABLE host IN SHARE MODE");
  return (await readBeats(session)).filter(({ format }) => format < oldest);
}

/** How many steps were made, and how many a daemon has to know; makes the schema when it is not there, which needs the right to. */
async function formatOf(session: Session, schema: string): Promise<{ version: number; oldest: number }> {
  const [there] = await session.rows("SELECT 1 FROM pg_namespace WHERE nspname = $1", [schema]);
  if (!there) await session.rows(`CREATE SCHEMA "${schema}"`);
  await session.rows("CREATE TABLE IF NOT EXISTS format (version integer NOT NULL)");
  const [row] = await session.rows<{ version: number; oldest?: number }>("SELECT * FROM format");
  if (row) return { version: row.version, oldest: row.oldest ?? row.version };
  await session.rows("INSERT INTO format (version) VALUES (0)");
  return { version: 0, oldest: 0 };
}

/** @param oldest format that a daemon has to know to work with the tables as they are now */
export function tooNew({ where, schema }: Pick<Engine, "where" | "schema">, oldest: number): CallsheetError {
  return new CallsheetError(
    "STATE_TOO_NEW",
    `The state in schema ${schema} of the database at ${where} is of a newer Callsheet (it needs one that knows format ${oldest}; this one knows ${FORMAT.steps.length}).`,
    { hint: "Upgrade Callsheet on this machine." },
  );
}

function hostsTooOld({ where, schema }: Engine, running: readonly HostBeat[]): CallsheetError {
  const names = running.map(({ name, version }) => `${name} (Callsheet ${version})`).join(", ");
  const [they, those] = running.length === 1 ? ["runs", "it"] : ["run", "them"];
  return new CallsheetError(
    "HOSTS_TOO_OLD",
    `${names} still ${they}, and could not work with the state in schema ${schema} of the database at ${where} as this version needs it.`,
    {
      hint: `Nothing was changed. Stop ${those} and start this one; or, so that something runs all the time, upgrade ${those} to the release in between first.`,
    },
  );
}
