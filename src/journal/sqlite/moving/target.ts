/** A state folder that a state is moved into: written beside the old files, tried out, and only then put in their place. */
import { randomUUID } from "node:crypto";
import { mkdirSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { crc32 } from "node:zlib";
import { fingerprint } from "../../../fingerprint.ts";
import { alreadyUsed, type MoveTarget } from "../../moving/move.ts";
import type { MovingLane, MovingState } from "../../moving/state.ts";
import { eventChecksum, rowChecksum } from "../checksum.ts";
import type { Database } from "../database.ts";
import { openJournalDatabase, openLanesDatabase } from "../databases.ts";
import { rowOf } from "../done.ts";
import { prepareFolder, type StateFolder, slotFile, stateFolder } from "../folder.ts";
import { CHUNK_SEQS, placeOf } from "../hand-over.ts";
import { findHoles } from "../holes.ts";
import { type Lane, laneWriter } from "../lane-rows.ts";
import { takeLock } from "../lock.ts";
import { Marks } from "../marks.ts";
import { openSqliteJournal } from "../open.ts";
import { prepareSlots } from "../open-lane.ts";
import { Operators } from "../operators.ts";
import { outcomeChecksum } from "../outcomes.ts";
import { freshSlot } from "../slot-files.ts";
import { standingWriter } from "../standing.ts";
import { translated } from "../trouble.ts";
import { isStateInUse } from "./in-use.ts";
import { changeMark, idOf, readMark, removeMark, writeMark } from "./mark.ts";
import { putAside, putInPlace } from "./put-in-place.ts";

/** The folder's lock is held from here to `close`. @throws STATE_LOCKED, STATE_UNUSABLE */
export async function openSqliteTarget(path: string): Promise<MoveTarget & { close(): void }> {
  const folder = stateFolder(path);
  prepareFolder(folder);
  const lock = await takeLock(folder, () => new Date());
  const files = [basename(folder.journal), basename(folder.lanes)];
  let arrived = false;
  const letIn = async () => {
    arrived = true;
    // nothing of what was here before counts
    lock.announce({ closed: files, closing: [], lostPower: false });
    removeMark(folder);
  };
  const close = () => lock.release(arrived ? files : null);
  try {
    return { ...arrivingFolder(folder), letIn, close };
  } catch (error) {
    close();
    throw error;
  }
}

function arrivingFolder(folder: StateFolder): Omit<MoveTarget, "letIn"> {
  const draft = stateFolder(join(folder.path, "arriving"));
  return {
    where: folder.path,
    machine: hostname(),
    // that of which it was moved away is another
    id: readMark(folder)?.kind === "left" ? randomUUID() : idOf(folder),
    mark: async () => readMark(folder),
    async claim(mark) {
      if (!readMark(folder) && (await isStateInUse(folder.path))) throw alreadyUsed(folder.path);
      changeMark(folder, mark);
    },
    async receive(state, mark, progress) {
      try {
        rmSync(draft.path, { recursive: true, force: true });
        mkdirSync(draft.path, { mode: 0o700 });
        await write(draft, state, progress);
        // as a daemon would open it
        await (await openSqliteJournal({ folder: draft.path })).close();
        putInPlace(folder, draft);
      } catch (error) {
        throw translated(error, draft.path);
      }
      changeMark(folder, mark);
    },
    async release(id) {
      const mark = readMark(folder);
      if (mark?.id !== id) return;
      rmSync(draft.path, { recursive: true, force: true });
      putAside(folder);
      if (mark.before) writeMark(folder, mark.before);
      else removeMark(folder);
    },
  };
}

async function write(
  draft: StateFolder,
  state: MovingState,
  progress: (events: number) => void,
): Promise<void> {
  prepareSlots(draft.slots);
  const journal = openJournalDatabase(draft.journal, true);
  try {
    await writeJournal(journal, state, progress);
  } finally {
    journal.close();
  }
  const lanes = openLanesDatabase(draft.lanes, true);
  try {
    lanes.transaction(() => writeLanes(lanes, draft, state));
  } finally {
    lanes.close();
  }
}

async function writeJournal(
  database: Database,
  { standing, events, never }: MovingState,
  progress: (events: number) => void,
): Promise<void> {
  const insertEvent = database.prepare("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  let count = 0;
  for await (const page of events()) {
    database.transaction(() => {
      for (const { seq, generation, id, event_type, attribute_name, json, appended_at } of page) {
        const checksum = eventChecksum(seq, generation, id, event_type, attribute_name, json, appended_at);
        insertEvent.run(seq, generation, id, event_type, attribute_name, json, appended_at, checksum);
      }
    });
    count += page.length;
    progress(count);
  }
  database.transaction(() => {
    const insertNever = database.prepare(
      "INSERT INTO never (generation, first, last, checksum) VALUES (?, ?, ?, ?)",
    );
    for (const { generation, first, last } of never)
      insertNever.run(generation, first, last, rowChecksum(generation, first, last));
    if (!standing) return;
    standingWriter(database)({ ...standing, version: 1 });
    const insertHole = database.prepare("INSERT INTO hole (first, last) VALUES (?, ?)");
    for (const { first, last } of findHoles(database, standing.removedSeq, standing.lastSeq))
      insertHole.run(first, last);
  });
}

function writeLanes(database: Database, draft: StateFolder, { standing, lanes, actions }: MovingState): void {
  const writeLane = laneWriter(database);
  const operators = new Operators(database);
  for (const [index, moving] of lanes.entries()) {
    const lane = laneOf(moving, index + 1);
    writeLane(lane);
    if (moving.paused) operators.setPaused(lane.number, moving.paused);
    for (const { first, last, note } of moving.passed) operators.passOver(lane.number, first, last, note);
    writeTraces(database, lane, moving);
    freshSlot(slotFile(draft, lane.id), lane);
  }
  for (const action of actions) operators.record(action);
  // every lane is through with what is before its cursor; the reader's place is known for the end only
  if (standing && lanes.every(({ cursor }) => cursor === standing.lastSeq))
    new Marks(database).write({ seq: standing.lastSeq, reader: standing.reader }, standing.lastSeq);
}

function laneOf(moving: MovingLane, number: number): Lane {
  const {
    handed: _handed,
    done: _done,
    outcomes: _outcomes,
    passed: _passed,
    lost: _lost,
    paused: _paused,
    ...kept
  } = moving;
  // records of slots from before count no more
  return { ...kept, number, slotEpoch: kept.epoch, slotCounter: 0, version: 0 };
}

function writeTraces(
  database: Database,
  { number, id }: Lane,
  { handed, done, outcomes, lost }: MovingLane,
): void {
  const insertHanded = database.prepare("INSERT INTO handed (place, bits, checksum) VALUES (?, ?, ?)");
  for (const { chunk, bits } of handed)
    insertHanded.run(placeOf(number, chunk * CHUNK_SEQS), bits, crc32(bits, chunk));
  const insertDone = database.prepare("INSERT INTO done (place, marks, checksum) VALUES (?, ?, ?)");
  for (const chunk of done) {
    const { place, marks, checksum } = rowOf(number, chunk);
    insertDone.run(place, marks, checksum);
  }
  const insertOutcome = database.prepare(
    "INSERT INTO outcome (lane, seq, kind, failure, print, checksum) VALUES (?, ?, ?, ?, ?, ?)",
  );
  for (const { seq, kind, failure } of outcomes) {
    const [text, print] = [JSON.stringify(failure), fingerprint(id, failure)];
    const checksum = outcomeChecksum({ lane: number, seq, kind, failure: text, print });
    insertOutcome.run(number, seq, kind, text, print, checksum);
  }
  const insertLost = database.prepare(
    `INSERT INTO lost (lane, generation, first_seq, last_seq, first_id, last_id, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  for (const { first, last } of lost) {
    // where they stood is not known any more, and nobody asks
    const row = [number, 0, 0, 0, first, last] as const;
    insertLost.run(...row, rowChecksum(...row));
  }
}
