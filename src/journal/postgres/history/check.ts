/** Is the database the one that this host has seen, and as far? Counters of records only rise, so one that is lower went back. */
import { CallsheetError } from "../../../errors.ts";
import type { Engine, Session } from "../engine.ts";
import { isInRepair } from "./identity.ts";
import type { Seen } from "./seen.ts";

/** The repair raises what the others go by: only it can tell what is missing. @throws STATE_RESTORED */
export async function refuseInRepair(engine: Engine): Promise<void> {
  if (!(await engine.patiently(() => isInRepair(engine)))) return;
  throw new CallsheetError(
    "STATE_RESTORED",
    `The repair of the database at ${engine.where} was begun, and has not finished.`,
    {
      hint: "Give callsheet repair --cluster again, on the host that ran last and with all daemons stopped: it goes on from what that host has seen.",
    },
  );
}

/**
 * False when it was repaired or moved since: what was known of it before counts no more.
 * @param file in which that is kept
 * @throws STATE_RESTORED
 */
export async function refuseRestored(engine: Engine, seen: Seen, file: string): Promise<boolean> {
  const identities = await engine.patiently(() =>
    engine.rows<{ id: string; why: string }>("SELECT id, why FROM identity ORDER BY number"),
  );
  if (!identities.some(({ id }) => id === seen.identity)) {
    const goneOn = identities.some(({ why }) => why !== "made");
    throw unknownHere(engine.where, seen, file, goneOn);
  }
  if (identities.at(-1)!.id !== seen.identity) return false;
  const found = await engine.patiently(
    async () => (await readerWentBack(engine, seen)) ?? (await laneWentBack(engine, seen)),
  );
  if (found ?? seen.wentBack) throw restored(engine.where, found ?? OLDER, seen.at);
  return true;
}

async function readerWentBack(session: Session, { reader: known }: Seen): Promise<string | null> {
  if (!known) return null;
  const [now] = await session.rows<{ epoch: number; version: number }>("SELECT epoch, version FROM reader");
  if (!now || now.version < known.version) return OLDER;
  const tenures = await session.rows<{ epoch: number; token: string; version: number }>(
    "SELECT epoch, token, version FROM tenure WHERE epoch >= $1 ORDER BY epoch LIMIT 2",
    [known.epoch],
  );
  const same = tenures.find(({ epoch }) => epoch === known.epoch);
  if (known.token !== null && same?.token !== known.token) return OLDER;
  // others went on from the older one already
  const next = tenures.find(({ epoch }) => epoch > known.epoch);
  return next && next.version <= known.version ? OLDER : null;
}

async function laneWentBack(session: Session, { lanes }: Seen): Promise<string | null> {
  const rows = await session.rows<{ id: string; version: number }>("SELECT id, version FROM lane");
  const now = new Map(rows.map(({ id, version }) => [id, version]));
  return lanes.some(({ id, version }) => (now.get(id) ?? 0) < version) ? OLDER : null;
}

export const OLDER = "is older than this host has seen it: it was restored from a backup";

/** @param at when this host saw it, ISO 8601; null: while it ran */
export function restored(where: string, found: string, at: string | null): CallsheetError {
  const when = at === null ? "" : ` (on ${at})`;
  return new CallsheetError("STATE_RESTORED", `The database at ${where} ${found}${when}.`, {
    hint: "Stop all daemons and give callsheet repair --cluster on the host that ran last: it reads the site from there on, so that nothing is lost.",
  });
}

/** @param goneOn it was repaired, or moved into, from what another host knew */
export function unknownHere(
  where: string,
  { at }: Pick<Seen, "at">,
  file: string,
  goneOn: boolean,
): CallsheetError {
  const error = restored(where, "is another database than this host has seen, or an emptied one", at);
  if (!goneOn) return error;
  return new CallsheetError("STATE_RESTORED", error.message, {
    hint: `It was repaired, or moved into, since it was made. If it is the one that this host is to work with, remove ${file} and start the daemon; else correct cluster.url.`,
  });
}

function changed(where: string): CallsheetError {
  return new CallsheetError(
    "STATE_RESTORED",
    `The database at ${where} was replaced, repaired or moved into while this daemon ran.`,
    {
      hint: "Start the daemon again: it looks whether the database is as far as it has seen it.",
    },
  );
}

/** The same while a daemon runs: of each look at the records. */
export class Rising {
  readonly #where: string;
  readonly #versions = new Map<string, number>();
  #identity: string | null = null;

  constructor(where: string) {
    this.#where = where;
  }

  /** False when one went back. @param records key and version of each. @throws STATE_RESTORED when it is another database now */
  check(identity: string, records: readonly (readonly [key: string, version: number])[]): boolean {
    this.#identity ??= identity;
    const now = new Map(records);
    const wentBack = [...this.#versions].some(([key, version]) => (now.get(key) ?? 0) < version);
    if (identity !== this.#identity) throw changed(this.#where);
    if (wentBack) return false;
    for (const [key, version] of now) this.#versions.set(key, version);
    return true;
  }
}
