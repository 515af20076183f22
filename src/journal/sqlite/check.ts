/** Looking for damage when a state is opened; cheap for a large journal, thorough for a small one. */
import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { CallsheetError } from "../../errors.ts";
import { readSlot } from "../slot.ts";
import { cursorOf } from "./cursor.ts";
import type { Database } from "./database.ts";
import { JOURNAL_PAGE } from "./databases.ts";
import { type StateFolder, slotFile, slotIds } from "./folder.ts";
import { type Lane, readLanes } from "./lane-rows.ts";
import type { LockOwner } from "./lock.ts";
import { readWal } from "./salvage/wal.ts";
import { slotOwner } from "./slot-files.ts";
import { readStanding } from "./standing.ts";
import { corrupt } from "./trouble.ts";

/** Files up to this size are read through, bytes; it takes about 0.1 s. */
const SMALL_FILE = 32 * 1024 * 1024;
/** Of larger ones, so many of the newest events are looked at. */
const TAIL_EVENTS = 2000;

/**
 * Whether all files are there that should be: none on a first start, else all of them.
 * @param previous who had the folder before
 * @throws STATE_CORRUPT naming the file that is missing
 */
export function checkFiles(folder: StateFolder, previous: LockOwner | null): "fresh" | "known" {
  const known = existsSync(folder.owner) || slotIds(folder).length > 0;
  // on a first start the journal is made before the lanes
  if (!known && existsSync(folder.lanes) && !existsSync(folder.journal)) throw missing(folder.journal);
  if (!known) return "fresh";
  checkFile(folder.journal, previous);
  checkFile(folder.lanes, previous);
  return "known";
}

/** A database that should be there. @throws STATE_CORRUPT */
export function checkFile(file: string, previous: LockOwner | null): void {
  if (!existsSync(file)) throw missing(file);
  if (statSync(file).size === 0) throw corrupt(file, "it is empty");
  // a daemon that was killed leaves this file; without it the newest changes are gone
  const log = `${file}-wal`;
  const mayBeGone = !previous || [...previous.closed, ...previous.closing].includes(basename(file));
  if (!mayBeGone && !existsSync(log)) {
    throw corrupt(log, "it is missing, and with it the newest changes");
  }
}

/** A journal with events in it has lanes beside it. To be called before the lanes are made. @throws STATE_CORRUPT */
export function checkFresh(folder: StateFolder, journal: Database): void {
  if (readStanding(journal) && !existsSync(folder.lanes)) throw missing(folder.lanes);
}

function missing(file: string): CallsheetError {
  return corrupt(file, "it is missing, though the rest of the state is there");
}

/**
 * Each commit of the journal was fsynced before the next, so that a power loss can tear the last one only. More than that is
 * damage, and is to be told before SQLite quietly leaves out what comes after it.
 * @throws STATE_CORRUPT
 */
export function checkLog(folder: StateFolder): void {
  const log = `${folder.journal}-wal`;
  if (readWal(log, JOURNAL_PAGE).cutOff > 1)
    throw corrupt(log, "a part of the newest changes cannot be read");
}

/** @throws STATE_CORRUPT */
export function checkAfterOpening(folder: StateFolder, journal: Database, lanes: Database): void {
  checkDatabase(journal);
  checkDatabase(lanes);
  checkEvents(journal);
  checkLanes(folder, journal, lanes);
}

function checkDatabase(database: Database): void {
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const { size } = statSync(database.file);
  if (size > SMALL_FILE) return;
  const problem = database.value("PRAGMA integrity_check(1)");
  if (problem !== "ok") throw corrupt(database.file, String(problem));
}

/** Places without events are those that retention emptied or a repair could not recover. */
function checkEvents(journal: Database): void {
  const standing = readStanding(journal);
  const last = Number(journal.value("SELECT max(seq) FROM event") ?? 0);
  if (!standing) {
    if (last > 0) throw corrupt(journal.file, "the reader's state is missing");
    return;
  }
  const { lastSeq, removedSeq } = standing;
  const small = statSync(journal.file).size <= SMALL_FILE;
  const from = small ? removedSeq : Math.max(removedSeq, lastSeq - TAIL_EVENTS);
  const stored = Number(journal.value(`SELECT count(*) FROM event WHERE seq > ${from}`));
  const holes = Number(
    journal.value(`SELECT coalesce(sum(last - max(first - 1, ${from})), 0) FROM hole WHERE last > ${from}`),
  );
  if (last <= lastSeq && stored + holes === lastSeq - from) return;
  throw corrupt(journal.file, `it holds ${stored} of the ${lastSeq - from} events up to place ${lastSeq}`);
}

function checkLanes(folder: StateFolder, journal: Database, database: Database): void {
  const lastSeq = readStanding(journal)?.lastSeq ?? 0;
  const lanes = readLanes(database);
  for (const lane of lanes.values()) {
    if (lane.cursor > lastSeq) {
      throw corrupt(
        journal.file,
        `it ends at place ${lastSeq}, but the plugin ${lane.name} was at place ${lane.cursor} already`,
      );
    }
    checkSlot(lane, slotFile(folder, lane.id), database.file, lastSeq);
  }
  for (const id of slotIds(folder)) {
    const file = slotFile(folder, id);
    if (lanes.has(id) || isUnborn(file)) continue;
    throw corrupt(database.file, `it does not have the plugin whose progress stands in ${file}`);
  }
}

function checkSlot(lane: Lane, file: string, lanesFile: string, lastSeq: number): void {
  cursorOf(lane, file, lastSeq);
  const version = slotOwner(file)?.version ?? 0;
  if (version > lane.version) {
    throw corrupt(
      lanesFile,
      `its newest changes are missing; it is older than the slot of the plugin ${lane.name}`,
    );
  }
}

/** The slot of a lane that was about to be created when the daemon was killed: no owner ever had it. */
function isUnborn(file: string): boolean {
  const owner = slotOwner(file);
  return !readSlot(file).record && owner !== null && owner.version === 0;
}
