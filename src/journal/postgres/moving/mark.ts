/** The mark of a move, as a row. */
import { type MoveMark, movedAway } from "../../moving/mark.ts";
import type { Engine, Session } from "../engine.ts";

/** What a mark of a move knows it by: a database may hold several states. */
export function placeOf({ where, schema }: Engine): string {
  return `schema ${schema} of ${where}`;
}

export async function readMark(session: Session): Promise<MoveMark | null> {
  const [row] = await session.rows<MoveMark>("SELECT kind, id, other, machine, at FROM move");
  return row ?? null;
}

export async function writeMark(
  session: Session,
  { kind, id, other, machine = null, at }: MoveMark,
): Promise<void> {
  await session.rows(
    `INSERT INTO move (one, kind, id, other, at, machine) VALUES (1, $1, $2, $3, $4, $5)
     ON CONFLICT (one) DO UPDATE SET kind = $1, id = $2, other = $3, at = $4, machine = $5`,
    [kind, id, other, at, machine],
  );
}

export async function removeMark(session: Session): Promise<void> {
  await session.rows("DELETE FROM move");
}

/** @throws STATE_MOVED */
export async function refuseMoved(engine: Engine): Promise<void> {
  const mark = await engine.patiently(() => readMark(engine));
  if (mark) throw movedAway(placeOf(engine), mark);
}
