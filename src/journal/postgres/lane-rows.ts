/** A lane's record: one row, which is its lease, its place and its state at once. */
import type { Cursor, Inherited, LaneFailure, LaneRecord, LaneState, OperatorNote } from "../journal.ts";

export interface Lane {
  /** Short stand-in for `id` in the other tables. */
  number: number;
  id: string;
  path: string;
  name: string;
  state: LaneState;
  /** ms since 1970; null unless absent. */
  absentSince: number | null;
  startSeq: number;
  /** `HostRecord.id` of who has the lease; null: nobody. */
  owner: string | null;
  epoch: number;
  version: number;
  cursor: number;
  begun: boolean;
  finished: readonly string[];
  callbacks: readonly string[];
  doubtfulTo: number;
  failure: LaneFailure | null;
  inherited: readonly Inherited[];
  paused: OperatorNote | null;
}

export interface LaneRow {
  number: number;
  id: string;
  path: string;
  name: string;
  state: string;
  absent_since: number | null;
  start_seq: number;
  owner: string | null;
  epoch: number;
  version: number;
  cursor: number;
  begun: boolean;
  finished: string;
  callbacks: string;
  doubtful_to: number;
  failure: string | null;
  inherited: string;
  paused: string | null;
}

/** Columns of a `LaneRow`. By their names: another version may have added some, and what is prepared must not change. */
export const LANE_COLUMNS =
  "number, id, path, name, state, absent_since, start_seq, owner, epoch, version, cursor, begun, finished, callbacks, doubtful_to, failure, inherited, paused";

export function laneOf(row: LaneRow): Lane {
  return {
    number: row.number,
    id: row.id,
    path: row.path,
    name: row.name,
    state: row.state as LaneState,
    absentSince: row.absent_since,
    startSeq: row.start_seq,
    owner: row.owner,
    epoch: row.epoch,
    version: row.version,
    cursor: row.cursor,
    begun: row.begun,
    finished: JSON.parse(row.finished) as string[],
    callbacks: JSON.parse(row.callbacks) as string[],
    doubtfulTo: row.doubtful_to,
    failure: parsed<LaneFailure>(row.failure),
    inherited: JSON.parse(row.inherited) as Inherited[],
    paused: parsed<OperatorNote>(row.paused),
  };
}

export function recordOf(lane: Lane): LaneRecord {
  const { id, path, name, state, failure, startSeq, epoch, paused } = lane;
  return { id, path, name, state, failure, startSeq, epoch, paused, cursor: cursorOf(lane) };
}

export function cursorOf({ cursor, begun, finished, doubtfulTo }: Lane): Cursor {
  return {
    seq: cursor,
    begun: begun ? { seq: cursor + 1, finished: [...finished] } : null,
    ...(doubtfulTo > cursor ? { doubtfulTo } : {}),
  };
}

/** Columns that its owner writes, in the order of `laneValues`. */
export const WRITTEN = [
  "path",
  "name",
  "state",
  "absent_since",
  "start_seq",
  "owner",
  "cursor",
  "begun",
  "finished",
  "callbacks",
  "doubtful_to",
  "failure",
  "inherited",
  "paused",
] as const;

export function laneValues(lane: Lane): unknown[] {
  return [
    lane.path,
    lane.name,
    lane.state,
    lane.absentSince,
    lane.startSeq,
    lane.owner,
    lane.cursor,
    lane.begun,
    JSON.stringify(lane.finished),
    JSON.stringify(lane.callbacks),
    lane.doubtfulTo,
    lane.failure && JSON.stringify(lane.failure),
    JSON.stringify(lane.inherited),
    lane.paused && JSON.stringify(lane.paused),
  ];
}

function parsed<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}
