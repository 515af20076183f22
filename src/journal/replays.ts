/**
 * What is kept of replays: past events that are given to a plugin again, beside its lane. A store of its own: nothing that goes wrong
 * with it concerns the journal or a lane's cursor.
 *
 * In a replay events go by their id, and a place in it is an event's id: what a `Cursor` and the slot call seq.
 */
import type { Cursor, LaneFailure, OperatorNote, SlotTicket } from "./journal.ts";

/** What was asked for. */
export interface ReplayOrder {
  /** Name of the plugin, and the id of its lane. */
  plugin: string;
  lane: string;
  /** First and last event id, inclusive. */
  first: number;
  last: number;
  /** Writes to the site are caught, and kept to be looked at. */
  dryRun: boolean;
  /** A failing event is recorded and does not end the replay. */
  keepGoing: boolean;
  /** Who asked for it, why and when. */
  operator: OperatorNote;
}

export type ReplayState =
  | "running"
  /** By an operator. */
  | "stopped"
  /** At an event that failed, or since it could not go on; see `problem`. */
  | "failed"
  /** The daemon ended while it ran. */
  | "interrupted"
  | "finished";

/** Why a replay failed. */
export interface ReplayProblem {
  code: string;
  message: string;
  hint: string | null;
  stack: string | null;
  /** The event it stopped at; null when it was none. */
  eventId: number | null;
  /** Key of the callback that failed there. */
  callback: string | null;
}

export interface ReplayCounts {
  /** Events of the range that it is done with. */
  events: number;
  /** Of those, the ones that callbacks were called for. */
  matched: number;
  /** Of those, the ones that a callback failed for, or skipped, while the replay went on. */
  failed: number;
  skipped: number;
  /** Writes that a dry run caught. */
  writes: number;
}

export interface ReplayRecord extends ReplayOrder {
  id: number;
  state: ReplayState;
  problem: ReplayProblem | null;
  /** Everything up to this event id is done with; `first - 1` at the beginning. */
  doneId: number;
  counts: ReplayCounts;
  /** ISO 8601 UTC; null while it runs. */
  endedAt: string | null;
}

/** What a replay did with one event. */
export interface ReplayedEvent {
  replay: number;
  plugin: string;
  dryRun: boolean;
  outcome: "delivered" | "failed" | "skipped";
  failures: LaneFailure[];
  operator: OperatorNote;
}

export interface ReplayFailure {
  kind: "failed" | "skipped";
  failure: LaneFailure;
}

export interface KeptWrite<Write> {
  /** Grows within a replay. */
  number: number;
  /** 0: while the plugin was loaded. */
  eventId: number;
  write: Write;
}

/** One replay while it runs in one host. */
export interface ReplayJournal {
  readonly slot: SlotTicket;
  cursor(): Promise<Cursor>;
  counts(): Promise<ReplayCounts>;
  /** As `LaneJournal.register`. */
  register(callbackKeys: readonly string[]): Promise<void>;
  /**
   * Records, before the host gets them, which events match. `seen`: how many events of the replay there are up to and
   * including this one.
   */
  handOver(matched: readonly { eventId: number; seen: number }[]): Promise<void>;
  /** Moves the cursor over events that no callback wanted. */
  advance(to: { eventId: number; seen: number }): Promise<void>;
  record(outcome: ReplayFailure): Promise<void>;
  keepWrite(eventId: number, write: object): Promise<void>;
}

export interface ReplayStore {
  /** A new one, running. The oldest go when there are very many. */
  begin(order: ReplayOrder): Promise<ReplayRecord>;
  get(id: number): Promise<ReplayRecord | null>;
  /** Newest first. */
  list(query: { lane?: string | undefined; limit: number }): Promise<ReplayRecord[]>;
  /**
   * Opens it for one more host, which goes on at the cursor. What a host before it may still write does not count. A dry run begins
   * the event at which it stood anew, and forgets what it caught there.
   */
  open(id: number): Promise<ReplayJournal>;
  /** It does not run any more, or, with "running", it does again. Durable. */
  setState(id: number, state: ReplayState, problem: ReplayProblem | null): Promise<void>;
  /** What became of events in replays, by event id; newest replay first. */
  ofEvents(eventIds: readonly number[]): Promise<Map<number, ReplayedEvent[]>>;
  /** Newest first. */
  failures(id: number, limit: number): Promise<ReplayFailure[]>;
  /** By their numbers, those after `after`. */
  writes<Write>(id: number, query: { after: number; limit: number }): Promise<KeptWrite<Write>[]>;
  close(): Promise<void>;
}
