/** A state folder that is moved away. The folder's lock is held from the opening to `close`. */
import { hostname } from "node:os";
import { crc32 } from "node:zlib";
import type { Journal, LaneFailure, OperatorAction, OperatorNote } from "../../journal.ts";
import type { StayingSource } from "../../moving/abandon.ts";
import type { MoveSource } from "../../moving/move.ts";
import type { MovingEvent, MovingLane, MovingState } from "../../moving/state.ts";
import { rowChecksum } from "../checksum.ts";
import type { Database } from "../database.ts";
import { openJournalDatabase, openLanesDatabase } from "../databases.ts";
import { chunkOf, type DoneRow } from "../done.ts";
import { prepareFolder, requireState, type StateFolder, stateFolder } from "../folder.ts";
import { LANE_STRIDE } from "../hand-over.ts";
import { type Lane, readLanes } from "../lane-rows.ts";
import { takeLock } from "../lock.ts";
import { openSqliteJournal } from "../open.ts";
import { type ActionRow, isAction, isPassed, type PassedRow, readPaused } from "../operators.ts";
import { type OutcomeRow, outcomeChecksum } from "../outcomes.ts";
import { COLUMNS, type EventRow, verify } from "../read.ts";
import { readStanding } from "../standing.ts";
import { corrupt } from "../trouble.ts";
import { changeMark, idOf, keepId, readMark, removeMark } from "./mark.ts";

const PAGE_EVENTS = 2000;

/** @throws STATE_UNUSABLE when there is no state, STATE_LOCKED while a daemon runs, STATE_CORRUPT */
export async function openSqliteSource(path: string): Promise<MoveSource & { close(): Promise<void> }> {
  const folder = stateFolder(path);
  requireState(folder);
  const journal = await openSqliteJournal({ folder: path, evenMoved: true });
  try {
    return { ...leavingFolder(folder), state: () => stateOf(folder, journal), close: () => journal.close() };
  } catch (error) {
    await journal.close();
    throw error;
  }
}

function leavingFolder(folder: StateFolder): Omit<MoveSource, "state"> {
  const id = idOf(folder);
  return {
    where: folder.path,
    machine: hostname(),
    id,
    keepId: async () => {
      if (!readMark(folder)) keepId(folder, id);
    },
    mark: async () => readMark(folder),
    setMark: async (mark) => changeMark(folder, mark),
  };
}

/**
 * The same where the move is given up: whatever the state is like, or when there is none. The folder's lock is held until `close`.
 * @throws STATE_LOCKED, STATE_UNUSABLE
 */
export async function openStayingFolder(path: string): Promise<StayingSource & { close(): void }> {
  const folder = stateFolder(path);
  prepareFolder(folder);
  const lock = await takeLock(folder, () => new Date());
  return {
    where: folder.path,
    mark: async () => readMark(folder),
    stay: async (id) => {
      if (readMark(folder)?.id === id) removeMark(folder);
    },
    close: () => lock.release(null),
  };
}

async function stateOf(folder: StateFolder, opened: Journal): Promise<MovingState> {
  const journal = openJournalDatabase(folder.journal, false, true);
  const lanes = openLanesDatabase(folder.lanes, false, true);
  try {
    const standing = readStanding(journal);
    return {
      standing,
      eventCount: Number(journal.value("SELECT count(*) FROM event")),
      events: () => eventsOf(folder.journal),
      never: neverOf(journal),
      lanes: await lanesOf(lanes, opened),
      actions: actionsOf(lanes),
    };
  } finally {
    journal.close();
    lanes.close();
  }
}

async function* eventsOf(file: string): AsyncGenerator<MovingEvent[]> {
  const journal = openJournalDatabase(file, false, true);
  try {
    const select = journal.prepare(`SELECT ${COLUMNS} FROM event WHERE seq > ? ORDER BY seq LIMIT ?`);
    select.setReturnArrays(true);
    for (let after = 0; ; ) {
      const rows = journal.run(() => select.all(after, PAGE_EVENTS)) as unknown as EventRow[];
      if (rows.length === 0) return;
      for (const row of rows) verify(row, file);
      yield rows.map(([seq, generation, id, event_type, attribute_name, json, appended_at]) => {
        return { seq, generation, id, event_type, attribute_name, json, appended_at };
      });
      after = rows.at(-1)![0];
    }
  } finally {
    journal.close();
  }
}

function neverOf(journal: Database): MovingState["never"] {
  const rows = journal.run(() =>
    journal.prepare("SELECT generation, first, last, checksum FROM never ORDER BY number").all(),
  ) as unknown as { generation: number; first: number; last: number; checksum: number }[];
  return rows.map(({ generation, first, last, checksum }) => {
    if (rowChecksum(generation, first, last) !== checksum)
      throw corrupt(journal.file, "a range of ids that never happened does not match its checksum");
    return { generation, first, last };
  });
}

async function lanesOf(database: Database, opened: Journal): Promise<MovingLane[]> {
  // as they stand: the slots may know more than the table
  const records = new Map((await opened.lanes()).map((record) => [record.id, record]));
  const paused = readPaused(database);
  return [...readLanes(database).values()].map((lane) => {
    const { number, slotEpoch: _epoch, slotCounter: _counter, version: _version, ...kept } = lane;
    const { seq, begun, doubtfulTo = 0 } = records.get(lane.id)!.cursor;
    return {
      ...kept,
      cursor: seq,
      begun: begun !== null,
      finished: begun?.finished ?? [],
      doubtfulTo,
      paused: paused.get(number) ?? null,
      handed: handedTo(database, lane),
      done: doneBy(database, lane),
      outcomes: outcomesOf(database, lane),
      passed: passedBy(database, lane),
      lost: lostBy(database, lane),
    };
  });
}

function handedTo(database: Database, { number }: Lane): MovingLane["handed"] {
  const rows = database.run(() =>
    database
      .prepare("SELECT place, bits, checksum FROM handed WHERE place >= ? AND place < ? ORDER BY place")
      .all(number * LANE_STRIDE, (number + 1) * LANE_STRIDE),
  ) as unknown as { place: number; bits: Uint8Array; checksum: number }[];
  return rows.map(({ place, bits, checksum }) => {
    const chunk = place % LANE_STRIDE;
    if (crc32(bits, chunk) !== checksum)
      throw corrupt(database.file, "the record of handed-over events does not match its checksum");
    return { chunk, bits };
  });
}

function doneBy(database: Database, { number }: Lane): MovingLane["done"] {
  const rows = database.run(() =>
    database
      .prepare("SELECT * FROM done WHERE place >= ? AND place < ? ORDER BY place")
      .all(number * LANE_STRIDE, (number + 1) * LANE_STRIDE),
  ) as unknown as DoneRow[];
  return rows.flatMap((row) => chunkOf(row) ?? []);
}

function outcomesOf(database: Database, { number }: Lane): MovingLane["outcomes"] {
  const rows = database.run(() =>
    database.prepare("SELECT * FROM outcome WHERE lane = ? ORDER BY number").all(number),
  ) as unknown as OutcomeRow[];
  return rows.map((row) => {
    const { seq, kind, failure } = row;
    if (outcomeChecksum(row) !== row.checksum)
      throw corrupt(
        database.file,
        `what was recorded for the event at place ${seq} does not match its checksum`,
      );
    return { seq, kind, failure: JSON.parse(failure) as LaneFailure };
  });
}

function passedBy(database: Database, { number }: Lane): MovingLane["passed"] {
  const rows = database.run(() =>
    database.prepare("SELECT * FROM passed WHERE lane = ? ORDER BY number").all(number),
  ) as unknown as PassedRow[];
  return rows.map((row) => {
    if (!isPassed(row)) throw corrupt(database.file, "a range that was passed over does not match");
    return { first: row.first_seq, last: row.last_seq, note: JSON.parse(row.note) as OperatorNote };
  });
}

function lostBy(database: Database, { number }: Lane): MovingLane["lost"] {
  const rows = database.run(() =>
    database.prepare("SELECT first_id, last_id FROM lost WHERE lane = ? ORDER BY number").all(number),
  ) as unknown as { first_id: number; last_id: number }[];
  return rows.map(({ first_id, last_id }) => ({ first: first_id, last: last_id }));
}

function actionsOf(database: Database): OperatorAction[] {
  const rows = database.run(() =>
    database.prepare("SELECT * FROM action ORDER BY number").all(),
  ) as unknown as ActionRow[];
  return rows.map((row) => {
    if (!isAction(row)) throw corrupt(database.file, "a recorded action does not match its checksum");
    return JSON.parse(row.action) as OperatorAction;
  });
}
