/** Channels of the database's notifications. They wake whoever listens; what happened is looked up. */
import type { LeaseSeen } from "../journal.ts";

/** The journal has grown; the payload is the last seq. */
export const GROWN = "callsheet_grown";
/** A lease was given back, or a host came or goes. The payload is what is known of a lane by it, if anything. */
export const FREED = "callsheet_freed";
/** A command was given, or answered. */
export const ASKED = "callsheet_asked";
/** A host has found the database older than it was; the payload is its schema. */
export const OLDER_NOW = "callsheet_older";

/** A lane that was given back, and its record's version since. */
export interface FreedLane extends LeaseSeen {
  /** Other clusters of the same database hear it, too. */
  schema: string;
  id: string;
}

/** For the lane that is called `lane`, as it is since. */
export const TELL_FREED = (lane: string): string =>
  `pg_notify('${FREED}', json_build_object('schema', current_schema(), 'id', ${lane}.id, 'epoch', ${lane}.epoch, 'version', ${lane}.version)::text)`;

/** null: it says nothing of a lane of this schema. */
export function freedLane(payload: string, schema: string): FreedLane | null {
  if (payload === "") return null;
  try {
    const lane = JSON.parse(payload) as FreedLane | null;
    return lane?.schema === schema ? lane : null;
  } catch {
    // somebody else's; it is looked in any case
    return null;
  }
}
