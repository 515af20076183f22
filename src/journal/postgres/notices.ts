/** Channels of the database's notifications. They wake whoever listens; what happened is looked up. */
import type { LeaseSeen } from "../journal.ts";
import type { Session } from "./engine.ts";

/** The journal has grown; the payload is the last seq. */
export const GROWN = "callsheet_grown";
/** A lease was given back, or a host came or goes. The payload is what is known of a lane by it, if anything. */
export const FREED = "callsheet_freed";
/** A command was given, or answered. */
export const ASKED = "callsheet_asked";

/** A lane that was given back, and its record's version since. */
export interface FreedLane extends LeaseSeen {
  id: string;
}

/** To be called in the transaction that gives it back. */
export function tellFreed(session: Session, { id, epoch, version }: FreedLane): Promise<unknown> {
  return session.rows("SELECT pg_notify($1, $2)", [FREED, JSON.stringify({ id, epoch, version })]);
}

/** null: it says nothing of a lane. */
export function freedLane(payload: string): FreedLane | null {
  if (payload === "") return null;
  try {
    return JSON.parse(payload) as FreedLane;
  } catch {
    // somebody else's; it is looked in any case
    return null;
  }
}
