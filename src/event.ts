/**
 * The vocabulary of Callsheet. Every file keeps to these words.
 *
 * - **site**: one Flow Production Tracking (FPT) server. It owns the truth.
 * - **entity**: a row on the site (`Shot` 42). **field**: a column of it (`sg_status_list`).
 * - **event log entry**, short **event**: the row a site writes for each change, in `EventLogEntry`.
 * - **script**: an API user of the site (name and key); people are users.
 * - **session_uuid**: free text a writer may attach; the site copies it into the events it causes.
 * - **visible**: an event is visible once a query can see it. Ids are given out before that, so a lower id can
 *   become visible after a higher one.
 * - **gap**: a range of ids below the newest seen that are not visible yet, and may never be.
 * - **reader**: the part that follows the site's event log and appends to the journal.
 * - **journal**: the durable local list of events in the order in which they became visible.
 * - **seq**: an event's place in the journal: 1, 2, 3, … with no holes, never reused.
 * - **plugin**: one file of user code. **callback**: one function that it registered.
 * - **lane**: one plugin being fed from the journal, in order. **cursor**: the last seq a lane is done with.
 * - **host**: what runs a plugin's code, away from the daemon (a worker thread, a python process).
 * - **hand-over**: giving a host a run of events; from then on it may begin them.
 * - **replay**: past events given to a plugin again, beside its lane. **dry run**: one whose writes are caught.
 * - **lease**: the right to run a lane. **epoch**: counts the owners of a lease; older ones are refused.
 * - **ledger**: the record that answers, for each event and plugin, what became of it.
 */

/** A link to an entity as the site returns it. `name` is the display name at the time of reading. */
export interface EntityLink {
  type: string;
  id: number;
  name?: string;
}

/** `EventLogEntry.meta`: free-form; see the protocol notes for the shapes sites write. */
export type EventMeta = Record<string, unknown>;

/**
 * One event log entry as a callback receives it. Field names are FPT's own.
 * `entity` is null when the target was already retired at reading time; `meta` keeps its type and id.
 */
export interface Event {
  type: "EventLogEntry";
  id: number;
  /** For example `Shotgun_Task_Change`. */
  event_type: string;
  /** The field that changed, for `_Change` events. */
  attribute_name: string | null;
  meta: EventMeta | null;
  entity: EntityLink | null;
  user: EntityLink | null;
  project: EntityLink | null;
  session_uuid: string | null;
  created_at: Date;
  /**
   * True when this event may have been begun before: its host or the daemon was killed in the middle of it.
   * Callbacks that had finished are not called again.
   */
  redelivered: boolean;
  /** Set when a replay gives this event again; null in the plugin's normal flow. */
  replay: ReplayMark | null;
}

/** Which replay an event comes from. */
export interface ReplayMark {
  /** The number by which people know it. */
  id: number;
  /** True: what `sg` writes is caught, and does not reach the site. */
  dryRun: boolean;
}

/** An event as it stands on the wire and in the journal: `created_at` is `YYYY-MM-DDTHH:MM:SSZ`. */
export interface WireEvent {
  type: "EventLogEntry";
  id: number;
  event_type: string;
  attribute_name: string | null;
  meta: EventMeta | null;
  entity: EntityLink | null;
  user: EntityLink | null;
  project: EntityLink | null;
  session_uuid: string | null;
  created_at: string;
}

/** The fields the reader asks the site for; the same list the Python daemon asks for. */
export const EVENT_FIELDS = [
  "id",
  "event_type",
  "attribute_name",
  "meta",
  "entity",
  "user",
  "project",
  "session_uuid",
  "created_at",
] as const;
