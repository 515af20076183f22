/** A whole state on its way from one engine to the other, in rows that neither owns. */
import type { DoneChunk } from "../done-times.ts";
import type {
  IdRange,
  Inherited,
  LaneFailure,
  LaneState,
  OperatorAction,
  OperatorNote,
  ReaderState,
} from "../journal.ts";

export interface MovingState {
  /** null before the reader's beginning. */
  standing: { lastSeq: number; removedSeq: number; reader: ReaderState } | null;
  /** How many `events` gives, roughly: for the progress. */
  eventCount: number;
  /** By ascending seq, a page at a time. Seqs may have holes. */
  events(): AsyncIterable<readonly MovingEvent[]>;
  /** Id ranges that never happened, oldest record first. */
  never: readonly (IdRange & { generation: number })[];
  /** In the order in which they were made. */
  lanes: readonly MovingLane[];
  /** Oldest first. */
  actions: readonly OperatorAction[];
}

export interface MovingEvent {
  seq: number;
  generation: number;
  id: number;
  event_type: string;
  attribute_name: string | null;
  /** As stored, so that numbers stay as they came. */
  json: string;
  /** ms since 1970. */
  appended_at: number;
}

/** A lane with its cursor as it stands, and what is recorded of it. */
export interface MovingLane {
  id: string;
  path: string;
  name: string;
  state: LaneState;
  /** ms since 1970; null unless absent. */
  absentSince: number | null;
  startSeq: number;
  /** Of its last owner. */
  epoch: number;
  cursor: number;
  begun: boolean;
  finished: readonly string[];
  callbacks: readonly string[];
  doubtfulTo: number;
  failure: LaneFailure | null;
  inherited: readonly Inherited[];
  paused: OperatorNote | null;
  /** Which seqs were handed to its host: a bit each, in chunks of `CHUNK_SEQS`. */
  handed: readonly { chunk: number; bits: Uint8Array }[];
  /** When it was done with its events. */
  done: readonly DoneChunk[];
  /** Oldest first. */
  outcomes: readonly { seq: number; kind: "failed" | "skipped"; failure: LaneFailure }[];
  passed: readonly { first: number; last: number; note: OperatorNote }[];
  /** Ids that retention took from it. */
  lost: readonly IdRange[];
}
