/** What operators did to lanes: events passed over, and a list of every action. */
import type { DeedRecord, OperatorAction, OperatorNote } from "../journal.ts";
import { storeAnswer } from "./commands.ts";
import type { Session } from "./engine.ts";

/** Actions kept; the oldest go. */
const MOST_ACTIONS = 10_000;

/** To be called in a transaction that owns the lane. Ranges of one lane do not overlap. */
export async function passOver(
  session: Session,
  lane: number,
  { first, last }: { first: number; last: number },
  note: OperatorNote,
): Promise<void> {
  await session.rows("INSERT INTO passed (lane, first_seq, last_seq, note) VALUES ($1, $2, $3, $4)", [
    lane,
    first,
    last,
    JSON.stringify(note),
  ]);
}

/** Forgets what was recorded of a lane's events after `seq`. To be called in a transaction that owns the lane. */
export async function forgetAfter(session: Session, lane: number, seq: number): Promise<void> {
  await session.rows("DELETE FROM outcome WHERE lane = $1 AND seq > $2", [lane, seq]);
  await session.rows("DELETE FROM passed WHERE lane = $1 AND first_seq > $2", [lane, seq]);
  await session.rows("UPDATE passed SET last_seq = $2 WHERE lane = $1 AND last_seq > $2", [lane, seq]);
}

/** To be called in the step that does what is wanted. */
export async function storeRecord(session: Session, { action, answer }: DeedRecord): Promise<void> {
  if (action) await recordAction(session, await nextAction(session), action);
  if (answer) await storeAnswer(session, answer);
}

/** A number for one action, so that it is recorded once however often that is tried. */
export async function nextAction(session: Session): Promise<number> {
  const [row] = await session.rows<{ number: number }>(
    "SELECT nextval(pg_get_serial_sequence('action', 'number')) AS number",
  );
  return row!.number;
}

export async function recordAction(session: Session, number: number, action: OperatorAction): Promise<void> {
  await session.rows(
    `WITH done AS (INSERT INTO action (number, action) VALUES ($1, $2) ON CONFLICT DO NOTHING)
     DELETE FROM action WHERE number <= $1 - ${MOST_ACTIONS}`,
    [number, JSON.stringify(action)],
  );
}

/** Newest first. */
export async function readActions(session: Session, limit: number): Promise<OperatorAction[]> {
  const rows = await session.rows<{ action: string }>(
    "SELECT action FROM action ORDER BY number DESC LIMIT $1",
    [limit],
  );
  return rows.map(({ action }) => JSON.parse(action) as OperatorAction);
}
