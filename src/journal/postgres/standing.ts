/** The one row that says how far the journal and the reader are. */
import type { Gap, ReaderState } from "../journal.ts";
import type { Session } from "./engine.ts";

export interface Standing {
  /** Of the reader's lease. */
  epoch: number;
  version: number;
  /** Highest seq ever given out. */
  lastSeq: number;
  /** Retention has removed everything up to here. */
  removedSeq: number;
  reader: ReaderState;
}

interface StandingRow {
  epoch: number;
  version: number;
  last_seq: number;
  removed_seq: number;
  generation: number;
  position: number;
  gaps: string;
}

const COLUMNS = "epoch, version, last_seq, removed_seq, generation, position, gaps";

/** null before the first append. */
export async function readStanding(session: Session): Promise<Standing | null> {
  const [row] = await session.rows<StandingRow>(`SELECT ${COLUMNS} FROM reader`, [], "standing");
  return row ? standingOf(row) : null;
}

/** Takes the reader's lease: raises its epoch. null before the first append. */
export async function takeReader(session: Session): Promise<Standing | null> {
  const [row] = await session.rows<StandingRow>(
    `UPDATE reader SET epoch = epoch + 1, version = version + 1 RETURNING ${COLUMNS}`,
  );
  return row ? standingOf(row) : null;
}

/** The row before any event. False when it is there already. */
export async function beginStanding(session: Session, { epoch, reader }: Standing): Promise<boolean> {
  const rows = await session.rows(
    `INSERT INTO reader (one, epoch, version, last_seq, removed_seq, generation, position, gaps)
     VALUES (1, $1, 1, 0, 0, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING one`,
    [epoch, reader.generation, reader.position, JSON.stringify(reader.gaps)],
  );
  return rows.length === 1;
}

/** Replaces the row that was `before`. False when it is another's by now. */
export async function writeStanding(session: Session, before: Standing, now: Standing): Promise<boolean> {
  const { lastSeq, removedSeq, reader, version } = now;
  const rows = await session.rows(
    `UPDATE reader SET version = $3, last_seq = $4, removed_seq = $5, generation = $6, position = $7, gaps = $8
     WHERE version = $1 AND epoch = $2 RETURNING one`,
    [
      before.version,
      before.epoch,
      version,
      lastSeq,
      removedSeq,
      reader.generation,
      reader.position,
      JSON.stringify(reader.gaps),
    ],
  );
  return rows.length === 1;
}

function standingOf(row: StandingRow): Standing {
  const { epoch, version, last_seq, removed_seq, generation, position } = row;
  const reader = { position, gaps: JSON.parse(row.gaps) as Gap[], generation };
  return { epoch, version, lastSeq: last_seq, removedSeq: removed_seq, reader };
}
