/** The lanes as they are stored. All of them are kept in memory; the table is written through. */
import type { Inherited, LaneFailure, LaneState } from "../journal.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { inheritedWriter, readInherited } from "./inherited.ts";
import { corrupt } from "./trouble.ts";

export interface Lane {
  /** Short stand-in for `id` in the other tables. */
  number: number;
  id: string;
  path: string;
  name: string;
  state: LaneState;
  /** Since when it is absent, ms since 1970; null in the other states. */
  absentSince: number | null;
  startSeq: number;
  epoch: number;
  /** Every seq up to it is done with, as far as the table knows; the slot may know more. */
  cursor: number;
  /** Whether `cursor + 1` had begun, and the keys of the callbacks that had finished it. */
  begun: boolean;
  finished: readonly string[];
  /** Records of the slot from before this place (epoch, then counter) are folded into `cursor`, and do not count. */
  slotEpoch: number;
  slotCounter: number;
  /** Keys of the callbacks in the order of registration. */
  callbacks: readonly string[];
  /** Events after the cursor, up to here, may have been begun before: progress was lost. */
  doubtfulTo: number;
  failure: LaneFailure | null;
  /** In the order in which it was inherited; usually none. A list is never changed, but replaced. */
  inherited: readonly Inherited[];
  version: number;
}

export interface LaneRow {
  number: number;
  id: string;
  path: string;
  name: string;
  state: string;
  absent_since: number | null;
  start_seq: number;
  epoch: number;
  cursor: number;
  begun: number;
  finished: string;
  slot_epoch: number;
  slot_counter: number;
  callbacks: string;
  doubtful_to: number;
  failure: string | null;
  version: number;
}

export const LANE_COLUMNS = [
  "number",
  "id",
  "path",
  "name",
  "state",
  "absent_since",
  "start_seq",
  "epoch",
  "cursor",
  "begun",
  "finished",
  "slot_epoch",
  "slot_counter",
  "callbacks",
  "doubtful_to",
  "failure",
  "version",
] as const;

/** @throws STATE_CORRUPT when a row is not what was written */
export function readLanes(database: Database): Map<string, Lane> {
  const rows = database.run(() => database.prepare("SELECT * FROM lane ORDER BY number").all());
  const inherited = readInherited(database);
  const lanes = (rows as unknown as (LaneRow & { checksum: number })[]).map((row) => {
    if (row.checksum !== checksumOf(row)) {
      throw corrupt(database.file, `the lane ${row.id} does not match its checksum`);
    }
    return { ...parseLane(row), inherited: inherited.get(row.id) ?? [] };
  });
  return new Map(lanes.map((lane) => [lane.id, lane]));
}

/** @returns the operation that stores a lane as it is; it raises `lane.version` */
export function laneWriter(database: Database): (lane: Lane) => void {
  const statement = database.prepare(
    `INSERT INTO lane (${LANE_COLUMNS.join(", ")}, checksum) VALUES (${"?, ".repeat(LANE_COLUMNS.length)}?)
     ON CONFLICT (number) DO UPDATE
     SET ${[...LANE_COLUMNS, "checksum"].map((name) => `${name} = excluded.${name}`).join(", ")}`,
  );
  const writeInherited = inheritedWriter(database);
  return (lane) => {
    lane.version += 1;
    const row = formatLane(lane);
    const columns = LANE_COLUMNS.map((name) => row[name]);
    statement.run(...columns, rowChecksum(...columns));
    writeInherited(lane);
  };
}

/** @returns what a lane's row says of its version; null when there is none, or it cannot be read */
export function versionReader(database: Database): (lane: Lane) => number | null {
  const statement = database.prepare("SELECT version FROM lane WHERE number = ?");
  return ({ number }) => {
    try {
      return (statement.get(number)?.version as number | undefined) ?? null;
    } catch {
      return null;
    }
  };
}

export function checksumOf(row: LaneRow): number {
  return rowChecksum(...LANE_COLUMNS.map((name) => row[name]));
}

export function parseLane(row: LaneRow): Lane {
  return {
    number: row.number,
    id: row.id,
    path: row.path,
    name: row.name,
    state: row.state as LaneState,
    absentSince: row.absent_since,
    startSeq: row.start_seq,
    epoch: row.epoch,
    cursor: row.cursor,
    begun: row.begun === 1,
    finished: JSON.parse(row.finished) as string[],
    slotEpoch: row.slot_epoch,
    slotCounter: row.slot_counter,
    callbacks: JSON.parse(row.callbacks) as string[],
    doubtfulTo: row.doubtful_to,
    failure: row.failure === null ? null : (JSON.parse(row.failure) as LaneFailure),
    inherited: [],
    version: row.version,
  };
}

function formatLane(lane: Lane): LaneRow {
  return {
    number: lane.number,
    id: lane.id,
    path: lane.path,
    name: lane.name,
    state: lane.state,
    absent_since: lane.absentSince,
    start_seq: lane.startSeq,
    epoch: lane.epoch,
    cursor: lane.cursor,
    begun: lane.begun ? 1 : 0,
    finished: JSON.stringify(lane.finished),
    slot_epoch: lane.slotEpoch,
    slot_counter: lane.slotCounter,
    callbacks: JSON.stringify(lane.callbacks),
    doubtful_to: lane.doubtfulTo,
    failure: lane.failure && JSON.stringify(lane.failure),
    version: lane.version,
  };
}
