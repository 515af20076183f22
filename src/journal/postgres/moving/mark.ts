/** The mark of a move, as a row. */
import { CallsheetError } from "../../../errors.ts";
import { following, type MoveMark, movedAway } from "../../moving/mark.ts";
import type { Engine, Session } from "../engine.ts";
import { isLocked } from "../trouble.ts";

/** Longest time to wait for another who writes the mark: a moment, or as long as it takes to write a whole state. */
const OTHERS_MS = 5000;

/** What a mark of a move knows it by: a database may hold several states. */
export function placeOf({ where, schema }: Pick<Engine, "where" | "schema">): string {
  return `schema ${schema} of ${where}`;
}

export async function readMark(session: Session): Promise<MoveMark | null> {
  const [row] = await session.rows<Omit<MoveMark, "before"> & { before: string | null }>(
    "SELECT kind, id, other, machine, at, before FROM move",
  );
  return row ? { ...row, before: row.before === null ? null : (JSON.parse(row.before) as MoveMark) } : null;
}

/**
 * Until the end of the transaction nobody else changes the mark; it can be read.
 * @throws STATE_LOCKED when another is at it
 */
export async function lockMark(session: Session, engine: Engine): Promise<MoveMark | null> {
  await session.rows(`SET LOCAL lock_timeout = ${OTHERS_MS}`);
  await session.rows("LOCK TABLE move IN EXCLUSIVE MODE").catch((error) => {
    throw isLocked(error) ? atWork(placeOf(engine), error) : error;
  });
  await session.rows("SET LOCAL lock_timeout TO DEFAULT");
  return readMark(session);
}

/** In place of the one that is there, which is `there` and locked. @throws STATE_MOVED when it may not follow that */
export async function changeMark(
  session: Session,
  engine: Engine,
  there: MoveMark | null,
  mark: MoveMark,
): Promise<void> {
  await writeMark(session, following(placeOf(engine), there, mark));
}

export async function writeMark(
  session: Session,
  { kind, id, other, machine = null, before = null, at }: MoveMark,
): Promise<void> {
  await session.rows(
    `INSERT INTO move (one, kind, id, other, at, machine, before) VALUES (1, $1, $2, $3, $4, $5, $6)
     ON CONFLICT (one) DO UPDATE SET kind = $1, id = $2, other = $3, at = $4, machine = $5, before = $6`,
    [kind, id, other, at, machine, before && JSON.stringify(before)],
  );
}

/** That of this move, and no other. */
export async function removeMark(session: Session, id: string): Promise<void> {
  await session.rows("DELETE FROM move WHERE id = $1", [id]);
}

/** Waits for a database that is away. @throws STATE_MOVED */
export function refuseMoved(engine: Engine): Promise<void> {
  return engine.patiently(() => refuseMark(engine, engine));
}

/** @throws STATE_MOVED */
export async function refuseMark(session: Session, engine: Engine): Promise<void> {
  const mark = await readMark(session);
  if (mark) throw movedAway(placeOf(engine), mark);
}

function atWork(where: string, cause: unknown): CallsheetError {
  return new CallsheetError("STATE_LOCKED", `Another callsheet import-state is at work on ${where}.`, {
    hint: "Wait until it has finished, or stop it; then give the command again.",
    cause,
  });
}
