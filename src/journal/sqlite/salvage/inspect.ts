/** Looking for damage thoroughly: every page and every row. */
import { CallsheetError } from "../../../errors.ts";
import { checkFile } from "../check.ts";
import type { Database } from "../database.ts";
import { JOURNAL_PAGE, LANES_PAGE, openJournalDatabase, openLanesDatabase } from "../databases.ts";
import type { StateFolder } from "../folder.ts";
import { readLanes } from "../lane-rows.ts";
import type { LockOwner } from "../lock.ts";
import { readStanding } from "../standing.ts";
import { corrupt } from "../trouble.ts";
import { asEvent, asNever } from "./journal-rows.ts";
import { asHanded, asInherited, asLost, asMark, asOutcome } from "./lanes-rows.ts";
import type { Row, Value } from "./record.ts";
import { readWal } from "./wal.ts";

export interface Damage {
  /** A sentence, or null when the file is sound. */
  journal: string | null;
  lanes: string | null;
  /** Where the journal ends; 0 when it is damaged or empty. */
  lastSeq: number;
}

/** @throws STATE_TOO_NEW, STATE_UNUSABLE, STATE_FULL */
export function inspect(folder: StateFolder, previous: LockOwner | null): Damage {
  let lastSeq = 0;
  const journal = reasonOf(() => {
    checkFile(folder.journal, previous);
    withSound(folder.journal, JOURNAL_PAGE, openJournalDatabase, (database) => {
      checkRows(database, "event", asEvent);
      checkRows(database, "never", asNever);
      lastSeq = checkPlaces(database);
    });
  });
  const lanes = reasonOf(() => {
    checkFile(folder.lanes, previous);
    withSound(folder.lanes, LANES_PAGE, openLanesDatabase, (database) => {
      readLanes(database);
      checkRows(database, "mark", asMark);
      checkRows(database, "handed", asHanded);
      checkRows(database, "inherited", asInherited);
      checkRows(database, "outcome", asOutcome);
      checkRows(database, "lost", asLost);
    });
  });
  return { journal, lanes, lastSeq };
}

function reasonOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    if (error instanceof CallsheetError && error.code === "STATE_CORRUPT") return error.message;
    throw error;
  }
}

/** Opens a file only if SQLite would not leave out anything of its log: closing it again forgets what was left out. */
function withSound(
  file: string,
  pageSize: number,
  open: (file: string, create: boolean) => Database,
  check: (database: Database) => void,
): void {
  if (readWal(`${file}-wal`, pageSize).cutOff > 0)
    throw corrupt(`${file}-wal`, "a part of it cannot be read");
  const database = open(file, false);
  try {
    const problem = database.value("PRAGMA integrity_check(1)");
    if (problem !== "ok") throw corrupt(file, String(problem));
    check(database);
  } finally {
    database.close();
  }
}

function checkRows(database: Database, table: string, parse: (row: Row) => unknown): void {
  database.run(() => {
    const select = database.prepare(`SELECT * FROM ${table}`);
    select.setReturnArrays(true);
    for (const found of select.iterate() as unknown as Iterable<Value[]>) {
      const [rowid, ...columns] = found.map((value) =>
        value instanceof Uint8Array ? Buffer.from(value) : value,
      );
      if (parse({ rowid: rowid as number, columns: [null, ...columns] })) continue;
      throw corrupt(database.file, `row ${rowid} of its table ${table} does not match its checksum`);
    }
  });
}

/** Every place has its event, but for those that are known to be without. */
function checkPlaces(journal: Database): number {
  const standing = readStanding(journal);
  const stored = Number(journal.value("SELECT count(*) FROM event"));
  if (!standing && stored > 0) throw corrupt(journal.file, "the reader's state is missing");
  if (!standing) return 0;
  const { lastSeq, removedSeq } = standing;
  const holes = `SELECT coalesce(sum(last - max(first - 1, ${removedSeq})), 0) FROM hole WHERE last > ${removedSeq}`;
  if (stored + Number(journal.value(holes)) !== lastSeq - removedSeq) {
    throw corrupt(journal.file, `it does not hold all events up to place ${lastSeq}`);
  }
  return lastSeq;
}
