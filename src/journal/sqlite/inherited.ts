/** What lanes were given by the daemon before this one, as stored. */
import type { Inherited } from "../journal.ts";
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
