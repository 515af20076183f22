/**
 * The journal, its lanes and its ledger, as the daemon sees them. One contract test suite
 * (`test/journal/contract.ts`) runs over every implementation; nothing else knows which one it is on.
 *
 * All methods reject with a `CallsheetError` (STATE_*). Methods that change something are durable against the
 * death of the process when they resolve; against power loss, `append` is, and cursors may fall back a little,
 * which only repeats events that are then marked as redelivered.
 */
import type { WireEvent } from "../event.ts";
import type { Cluster, LeaseSeen } from "./cluster.ts";
import type { DoneBetween, DoneMark } from "./done-times.ts";
import type { Estate, IdRange, Inheritance } from "./estate.ts";
import type { Lease } from "./lease.ts";
import type {
  DeedRecord,
  LaneFailure,
  LedgerAnswer,
  OperatorAction,
  OperatorNote,
  RecordedGroup,
} from "./ledger.ts";
import type { PluginCopy } from "./plugin-copy.ts";
import type { RetentionPolicy, RetentionReport } from "./retention.ts";

export type {
  Cluster,
  ClusterView,
  Exchanged,
  HostMoves,
  HostRecord,
  LaneLease,
  LeaseRecord,
  LeaseSeen,
  TogetherSeen,
} from "./cluster.ts";
export type { CommandAnswer, Commands, LaneCommand } from "./commands.ts";
export type { Estate, Heir, IdRange, Inheritance, Inherited } from "./estate.ts";
export type { Lease } from "./lease.ts";
export type {
  DeedRecord,
  LaneFailure,
  LedgerAnswer,
  OperatorAction,
  OperatorNote,
  Outcome,
  RecordedGroup,
  SourceLines,
} from "./ledger.ts";
export type { CopyMark, PluginCopy } from "./plugin-copy.ts";
export type { RetentionPolicy, RetentionReport } from "./retention.ts";

/** An inclusive range of event ids the site has not shown. Costs the same whether it spans one id or ten million. */
export interface Gap {
  first: number;
  last: number;
  /** Milliseconds for which it has been waited so far, on a monotonic clock and while the site could be asked. */
  waitedMs: number;
}

/** Where the reader stands. Stored in the same transaction as the events it speaks of. */
export interface ReaderState {
  /** Highest event id ever seen in this generation; 0 before the first. */
  position: number;
  /** Open gaps below `position`, ascending, not overlapping. */
  gaps: Gap[];
  /** Counts restorations of the site: an event id is unique within a generation. Begins at 1. */
  generation: number;
}

/** One event in the journal, without its text. */
export interface JournalEntry {
  seq: number;
  generation: number;
  id: number;
  event_type: string;
  attribute_name: string | null;
  /** The event's JSON is bytes `start` (inclusive) to `end` (exclusive) of the page. */
  start: number;
  end: number;
}

/** A run of events with consecutive seqs. The bytes are UTF-8 JSON of `WireEvent`s; never change them. */
export interface JournalPage {
  entries: readonly JournalEntry[];
  bytes: Uint8Array;
}

export interface JournalHead {
  /** Lowest seq still stored; `lastSeq + 1` when empty. */
  firstSeq: number;
  /** Highest seq ever given out; 0 before the first. */
  lastSeq: number;
  /** Size on disk in bytes, roughly. */
  bytes: number;
}

export interface AppendBatch {
  /** In the order in which they became visible. Ids already journaled in this generation are left out by the journal. */
  events: readonly WireEvent[];
  /** Id ranges given up: recorded as never having happened. */
  neverHappened: readonly { first: number; last: number }[];
  /** The reader's state after this batch. */
  reader: ReaderState;
}

export interface AppendResult {
  /** Seq of the first and last appended event; `last < first` when nothing was appended. */
  firstSeq: number;
  lastSeq: number;
  /** Events that were left out because they stood in the journal already. */
  repeated: number;
}

/** Events by their id, as one who looks back asks for them. */
export interface EventsById {
  /** Those of a generation with `after` < id ≤ `to`, by ascending id, at most `limit`. Their seqs need not be consecutive. */
  page(range: { generation: number; after: number; to: number }, limit: number): Promise<JournalPage>;
  /** Ids of a generation, from `first` to `last`, that were recorded as never having happened. Ascending. */
  never(range: IdRange & { generation: number }): Promise<IdRange[]>;
}

export interface Journal {
  readonly head: JournalHead;
  /** Who else shares it; null where one daemon owns it, and nothing of it can be taken over. */
  readonly cluster: Cluster | null;
  readonly byId: EventsById;
  /** null before the first `append`. */
  readerState(): Promise<ReaderState | null>;
  /** One transaction, fsynced: events, given-up ranges and the reader's state. Wakes `appended` waiters. */
  append(batch: AppendBatch): Promise<AppendResult>;
  /** Up to `limit` events after `afterSeq`; an empty page when there are none yet. Recent pages come from memory. */
  read(afterSeq: number, limit: number): Promise<JournalPage>;
  /** The event with this id (of the newest generation that has it), or null. */
  find(eventId: number): Promise<{ seq: number; generation: number; event: WireEvent } | null>;
  /** Resolves when `head.lastSeq > afterSeq`, at once if it already is; rejects with the signal's reason. */
  appended(afterSeq: number, signal: AbortSignal): Promise<void>;
  /**
   * Newest-first check material for a restored site: id and JSON of up to `limit` journaled events of
   * `generation` with id ≤ `maxId`, by descending id.
   */
  newestById(generation: number, maxId: number, limit: number): Promise<{ id: number; event: WireEvent }[]>;
  /** Whether `id` was recorded as never having happened in the newest generation. */
  neverHappened(id: number): Promise<boolean>;

  /** Every lane that ever was, with its cursor as it stands. */
  lanes(): Promise<LaneRecord[]>;
  /**
   * Takes the lease of a lane: creates it (cursor at `startSeq`) when `id` is not known, raises its epoch. Any later write
   * through an older `LaneJournal` of this lane is refused with STATE_LOCKED.
   * @param seen take it only if nothing has happened to it since (null: if it is not known); refused with STATE_LOCKED otherwise.
   * A journal without a `cluster` does not look at it
   */
  openLane(lane: LaneToOpen, seen?: LeaseSeen | null): Promise<LaneJournal>;

  /**
   * Goes on where another daemon stopped: makes lanes, and the reader's first state. All of it or nothing, whatever is killed;
   * a lane is never moved back, so that it may be repeated.
   */
  inherit(estate: Estate): Promise<Inheritance[]>;

  /** Removes what the policy allows; reports what lanes lost, if anything. */
  retain(policy: RetentionPolicy, now?: Date): Promise<RetentionReport>;
  /** What became of one event, for every lane that knows of it. */
  ledger(eventId: number): Promise<LedgerAnswer[]>;
  /** The same for many events at once; ids that nothing is known of have an empty list. */
  ledgers(eventIds: readonly number[]): Promise<Map<number, LedgerAnswer[]>>;
  /** When an event was finished, for the lanes that are done with it, by their id. Never wrong; seldom wider than a second. */
  whenDone(event: { seq: number }): Promise<Map<string, DoneBetween>>;
  /** Failures that were recorded while their plugin went on, all of them, by what is the same trouble; the newest groups first. */
  failureGroups(limit: number): Promise<RecordedGroup[]>;
  /** Id ranges recorded as never having happened, newest first. */
  neverRanges(limit: number): Promise<{ generation: number; first: number; last: number }[]>;
  /** Writes down what an operator did where no step of a lane stores it. Durable. */
  recordAction(action: OperatorAction): Promise<void>;
  /** What operators did, newest first. */
  actions(limit: number): Promise<OperatorAction[]>;
  close(): Promise<void>;
}

export interface LaneToOpen {
  id: string;
  path: string;
  name: string;
  startSeq: number;
}

/** A cursor as it stands: the last finished seq, and the event in hand if one had begun. */
export interface Cursor {
  /** Every event up to and including this seq is done with. */
  seq: number;
  /** The event after it that had begun, if any. */
  begun: { seq: number /** Keys of the callbacks that had finished it. */; finished: string[] } | null;
  /**
   * Of the events after `seq`, none beyond this one may have been begun before, where progress was lost in a power loss or a
   * repair, or an operator went back; of those up to it, not each need have been. Absent when there are none.
   */
  doubtfulTo?: number;
}

export type LaneState =
  /** Being fed, or waiting for events. */
  | "active"
  /** Stopped at its failing event; a changed file or an operator starts it again. */
  | "failed"
  /** Its file is not there at the moment. */
  | "absent";

export interface LaneRecord {
  id: string;
  /** Absolute path of the plugin file when last seen. */
  path: string;
  /** File name without its ending. */
  name: string;
  state: LaneState;
  cursor: Cursor;
  failure: LaneFailure | null;
  /** Where the lane began; earlier events are none of its business. */
  startSeq: number;
  epoch: number;
  /** Who paused it; null when nobody did. Independent of `state`. */
  paused: OperatorNote | null;
}

/**
 * What the host writes its progress to, so that a finished event is durable before the next one begins without
 * asking the daemon. See `slot.ts`.
 */
export interface SlotTicket {
  file: string;
  epoch: number;
}

/** One step of a host, as a record of its slot says it. */
export interface LaneStep {
  /** This event has begun, or is done with; so are all events of the lane before it. */
  seq: number;
  begun: boolean;
  /** Of the plugin's callbacks, in the order of registration, so many are done with it. */
  finishedCallbacks: number;
}

export interface LaneJournal {
  readonly id: string;
  readonly epoch: number;
  /** Where the host writes its progress; null: each step is told to `commit`, and the host goes on when that has resolved. */
  readonly slot: SlotTicket | null;
  /** The right to run it, where that can end; null: it is held until the journal is closed. */
  readonly lease: Lease | null;
  /** Who paused it, as stored; null when nobody did. */
  readonly paused: OperatorNote | null;
  /** A step of a host that has no slot. Durable. @throws INTERNAL where there is one */
  commit(step: LaneStep): Promise<void>;
  cursor(): Promise<Cursor>;
  /** Whether the event is not for the lane, since it had it from the daemon that its place was carried over from. */
  hadBefore(event: { seq: number; generation: number; id: number }): boolean;
  /**
   * Names the callbacks as registered now, in order; keys are unique within the plugin. Must precede the first
   * hand-over to a freshly loaded host. Progress is kept by the number of a callback and translated through this list.
   */
  register(callbackKeys: readonly string[]): Promise<void>;
  /**
   * Records, before the host gets them, which events of a run match: `from`…`to` inclusive is the run, `matched` the
   * seqs in it that go to the host; the rest counts as filtered out. May be repeated for a run after a reload.
   */
  handOver(run: { from: number; to: number; matched: readonly number[] }): Promise<void>;
  /** Moves the cursor over events that do not concern the host. Never backwards. Lazy: may be lost in a crash, which is harmless. */
  advance(toSeq: number): Promise<void>;
  /** The host said that it was done with exactly the events up to this one, at this time. Kept now and then, and lazily. */
  reached(mark: DoneMark): void;
  /** A callback failed and the plugin goes on (`stopOnError: false`), or an event was skipped. Durable before the host is told to go on. */
  record(outcome: { kind: "failed" | "skipped"; failure: LaneFailure }): Promise<void>;
  /** The lane's state, with the failure it stopped at. `finished`: keys of the callbacks that had finished the failing event. */
  setState(state: LaneState, failure: LaneFailure | null, finished?: readonly string[]): Promise<void>;
  /** Says which files it runs with, to hosts that may take it over; nothing where there are none. */
  runsWith(copy: PluginCopy): Promise<void>;
  /** The plugin file is now at this path (a moved folder). */
  relocate(path: string): Promise<void>;
  /** Stores that an operator paused the lane, or with null that it is paused no more. Durable. @param record goes with it */
  setPaused(note: OperatorNote | null, record?: DeedRecord): Promise<void>;
  /**
   * Moves the cursor for an operator, while no host runs; durable. Forward: the events passed count as skipped by the operator.
   * Back: the events after `to` are waited for again, marked as redelivered if they had been begun, and what was recorded of
   * them goes. Answers false, and changes nothing, when the cursor does not stand at `from`.
   * @param record goes with it
   */
  moveCursor(move: { from: number; to: number }, note: OperatorNote, record?: DeedRecord): Promise<boolean>;
}
