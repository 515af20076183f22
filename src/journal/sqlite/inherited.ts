/** What lanes were given by the daemon before this one: as stored, and the question that it answers. */
import type { IdRange, Inherited } from "../journal.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { corrupt } from "./trouble.ts";

export interface InheritedRow {
  lane: number;
  id: string;
  list: string;
  checksum: number;
}

/** By the id of the lane. @throws STATE_CORRUPT when a row is not what was written */
export function readInherited(database: Database): Map<string, readonly Inherited[]> {
  const rows = database.run(() => database.prepare("SELECT * FROM inherited").all());
  return new Map(
    (rows as unknown as InheritedRow[]).map((row) => {
      const list = parseInherited(row);
      if (list) return [row.id, list];
      throw corrupt(database.file, `what the lane ${row.id} had before does not match its checksum`);
    }),
  );
}

/** null when the row is not what was written. */
export function parseInherited({ lane, id, list, checksum }: InheritedRow): readonly Inherited[] | null {
  return checksum === rowChecksum(lane, id, list) ? (JSON.parse(list) as Inherited[]) : null;
}

/** @returns the operation that stores what a lane inherited, if that is not stored yet */
export function inheritedWriter(
  database: Database,
): (lane: { number: number; id: string; inherited: readonly Inherited[] }) => void {
  const statement = database.prepare(
    "INSERT OR REPLACE INTO inherited (lane, id, list, checksum) VALUES (?, ?, ?, ?)",
  );
  const written = new Map<string, readonly Inherited[]>();
  return ({ number, id, inherited }) => {
    if (inherited.length === 0 || written.get(id) === inherited) return;
    const list = JSON.stringify(inherited);
    statement.run(number, id, list, rowChecksum(number, id, list));
    written.set(id, inherited);
  };
}

/** What says that the lane had this event before, or null; the newest that speaks of it decides. */
export function hadBefore(
  inherited: readonly Inherited[],
  event: { seq: number; generation: number; id: number },
): Inherited | null {
  const spoken = inherited.findLast(({ afterSeq }) => afterSeq < event.seq);
  return spoken && spoken.generation === event.generation && covers(spoken, event.id) ? spoken : null;
}

export function covers({ lastId, pending }: Pick<Inherited, "lastId" | "pending">, id: number): boolean {
  return id <= lastId && !holds(pending, id);
}

function holds(ranges: readonly IdRange[], id: number): boolean {
  let low = 0;
  let high = ranges.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const { first, last } = ranges[middle]!;
    if (id < first) high = middle - 1;
    else if (id > last) low = middle + 1;
    else return true;
  }
  return false;
}
