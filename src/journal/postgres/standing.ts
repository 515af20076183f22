/** The one row that says how far the journal and the reader are, and who reads. */
import type { Gap, LeaseSeen, ReaderState } from "../journal.ts";
import type { Session } from "./engine.ts";

export interface Standing {
  /** Of the reader's lease: `HostRecord.id` of who has it; null: nobody. */
  owner: string | null;
  epoch: number;
  version: number;
  /** Highest seq ever given out. */
  lastSeq: number;
  /** Retention has removed everything up to here. */
  removedSeq: number;
  /** null until somebody has begun to read. */
  reader: ReaderState | null;
}

interface StandingRow {
  owner: string | null;
  epoch: number;
  version: number;
  last_seq: number;
  removed_seq: number;
  generation: number | null;
  position: number | null;
  gaps: string | null;
}

const COLUMNS = "owner, epoch, version, last_seq, removed_seq, generation, position, gaps";

/** null before anybody took the reader's lease. */
export async function readStanding(session: Session, withinMs?: number): Promise<Standing | null> {
  const [row] = await session.rows<StandingRow>(`SELECT ${COLUMNS} FROM reader`, [], "standing", withinMs);
  return row ? standingOf(row) : null;
}

/**
 * Takes the reader's lease: raises its epoch, and makes the row where there is none.
 * @param seen only if it is still this; null: only if there is none; undefined: in any case. null is answered when it is not
 */
export async function takeReader(
  session: Session,
  owner: string | null,
  { seen, withinMs }: { seen?: LeaseSeen | null; withinMs?: number } = {},
): Promise<Standing | null> {
  const [row] = await session.rows<StandingRow>(
    `WITH taken AS (
       INSERT INTO reader AS r (one, owner, epoch, version, last_seq, removed_seq)
       SELECT 1, $1::text, 1, 1, 0, 0
       WHERE NOT EXISTS (SELECT 1 FROM move) AND ($2::boolean OR $3::bigint IS NULL OR EXISTS (SELECT 1 FROM reader))
       ON CONFLICT (one) DO UPDATE SET owner = $1, epoch = r.epoch + 1, version = r.version + 1
         WHERE $2 OR (r.epoch = $3 AND r.version = $4::bigint)
       RETURNING ${COLUMNS}
     ), known AS (
       INSERT INTO tenure (epoch, token, version) SELECT epoch, gen_random_uuid()::text, version FROM taken
       ON CONFLICT (epoch) DO UPDATE SET token = excluded.token, version = excluded.version
     )
     SELECT ${COLUMNS} FROM taken`,
    [owner, seen === undefined, seen?.epoch ?? null, seen?.version ?? null],
    undefined,
    withinMs,
  );
  return row ? standingOf(row) : null;
}

/** Replaces the row that was `before`. False when it is another's by now. */
export async function writeStanding(session: Session, before: Standing, now: Standing): Promise<boolean> {
  const { owner, lastSeq, removedSeq, reader, version } = now;
  const rows = await session.rows(
    `UPDATE reader SET version = $3, owner = $4, last_seq = $5, removed_seq = $6, generation = $7, position = $8, gaps = $9
     WHERE version = $1 AND epoch = $2 AND owner IS NOT DISTINCT FROM $10::text RETURNING one`,
    [
      before.version,
      before.epoch,
      version,
      owner,
      lastSeq,
      removedSeq,
      reader?.generation ?? null,
      reader?.position ?? null,
      reader && JSON.stringify(reader.gaps),
      before.owner,
    ],
  );
  return rows.length === 1;
}

/** The row with this beginning for the reader; whoever had its lease is fenced off. */
export async function beginReader(
  session: Session,
  { generation, position, gaps }: ReaderState,
): Promise<void> {
  await session.rows(
    `INSERT INTO reader AS r (one, epoch, version, last_seq, removed_seq, generation, position, gaps)
     VALUES (1, 1, 1, 0, 0, $1, $2, $3)
     ON CONFLICT (one) DO UPDATE SET owner = NULL, epoch = r.epoch + 1, version = r.version + 1,
       generation = $1, position = $2, gaps = $3`,
    [generation, position, JSON.stringify(gaps)],
  );
}

function standingOf(row: StandingRow): Standing {
  const { owner, epoch, version, last_seq, removed_seq, generation, position, gaps } = row;
  const begun = generation !== null && position !== null && gaps !== null;
  const reader = begun ? { position, gaps: JSON.parse(gaps) as Gap[], generation } : null;
  return { owner, epoch, version, lastSeq: last_seq, removedSeq: removed_seq, reader };
}
