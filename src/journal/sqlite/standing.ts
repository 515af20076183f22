/** The one row that says how far the journal and the reader are. Read once, then kept in memory beside the database. */
import type { Gap, ReaderState } from "../journal.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { corrupt } from "./trouble.ts";

export interface Standing {
  /** Highest seq ever given out. */
  lastSeq: number;
  /** Retention has removed everything up to here. */
  removedSeq: number;
  reader: ReaderState;
  /** Counts the writes. */
  version: number;
}

export interface StandingRow {
  last_seq: number;
  removed_seq: number;
  generation: number;
  position: number;
  gaps: string;
  version: number;
  checksum: number;
}

/** null before the first append. @throws STATE_CORRUPT */
export function readStanding(database: Database): Standing | null {
  const row = database.run(() => database.prepare("SELECT * FROM reader").get()) as StandingRow | undefined;
  if (!row) return null;
  const standing = parseStanding(row);
  if (!standing) throw corrupt(database.file, "the reader's state does not match its checksum");
  return standing;
}

/** null when the row is not what was written. */
export function parseStanding(row: StandingRow): Standing | null {
  if (row.checksum !== checksumOf(row)) return null;
  const { last_seq, removed_seq, generation, position, version } = row;
  const gaps = JSON.parse(row.gaps) as Gap[];
  return { lastSeq: last_seq, removedSeq: removed_seq, reader: { position, gaps, generation }, version };
}

export function standingWriter(database: Database): (standing: Standing) => void {
  const statement = database.prepare(
    `INSERT OR REPLACE INTO reader (one, last_seq, removed_seq, generation, position, gaps, version, checksum)
     VALUES (1, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return ({ lastSeq, removedSeq, reader, version }) => {
    const row = {
      last_seq: lastSeq,
      removed_seq: removedSeq,
      generation: reader.generation,
      position: reader.position,
      gaps: JSON.stringify(reader.gaps),
      version,
    };
    const checksum = checksumOf(row);
    statement.run(lastSeq, removedSeq, row.generation, row.position, row.gaps, version, checksum);
  };
}

/**
 * Does `work`, which writes a standing among other things, in one transaction. A commit may be done and be reported as failed: then the
 * standing's version is there, and it counts as done. To be repeated otherwise.
 */
export function storing<T extends { standing: Standing }>(database: Database, work: () => T): T {
  const made: T[] = [];
  try {
    return database.transaction(() => {
      const result = work();
      made.push(result);
      return result;
    });
  } catch (error) {
    const [result] = made;
    if (result && isStored(database, result.standing)) return result;
    throw error;
  }
}

function isStored(database: Database, { version }: Standing): boolean {
  try {
    return readStanding(database)?.version === version;
  } catch {
    return false;
  }
}

function checksumOf(row: Omit<StandingRow, "checksum">): number {
  return rowChecksum(row.last_seq, row.removed_seq, row.generation, row.position, row.gaps, row.version);
}
