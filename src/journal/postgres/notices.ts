/** Channels of the database's notifications. They wake whoever listens; what happened is looked up. */

/** The journal has grown; the payload is the last seq. */
export const GROWN = "callsheet_grown";
/** A lease was given back, or a host came or goes. */
export const FREED = "callsheet_freed";
/** A command was given, or answered. */
export const ASKED = "callsheet_asked";
