/** A fresh `journal.sqlite` from what can be read of a damaged one. */
import { merged } from "../../../id-ranges.ts";
import type { IdRange } from "../../journal.ts";
import type { Database } from "../database.ts";
import { JOURNAL_PAGE } from "../databases.ts";
import { findHoles } from "../holes.ts";
import type { Mark } from "../marks.ts";
import { type Standing, standingWriter } from "../standing.ts";
import { asEvent, asNever, asStanding } from "./journal-rows.ts";
import { salvagedRows } from "./rows.ts";
import { safeReader } from "./safe-reader.ts";

/** What the lanes know of the journal. */
export interface KnownByLanes {
  /** Highest place that any of them knows of. */
  lastSeq: number;
  /** Every lane is through with everything up to here. */
  lowestCursor: number;
  marks: readonly Mark[];
}

export interface Rebuilt {
  events: number;
  /** Places whose events are lost; ascending. */
  holes: { first: number; last: number }[];
  /** Those of them that the reader fetches anew. */
  again: { first: number; last: number }[];
  /** Ids that were open gaps, as far as is known: they may become visible among those. */
  gaps: IdRange[];
  standing: Standing | null;
}

const ROWS_A_COMMIT = 5000;

/** Fills `target`, which is new. The standing is null when nothing tells where the reader was. */
export function rebuildJournal(damaged: string, target: Database, known: KnownByLanes): Rebuilt {
  const standings = copyRows(damaged, target);
  const newest = standings.reduce<Standing | null>((a, b) => (a && a.version >= b.version ? a : b), null);
  const removedSeq = newest?.removedSeq ?? 0;
  return target.transaction(() => {
    target.exec(`DELETE FROM event WHERE seq <= ${removedSeq}`);
    const lastStored = Number(target.value("SELECT max(seq) FROM event") ?? 0);
    const lastSeq = Math.max(
      lastStored,
      known.lastSeq,
      removedSeq,
      ...standings.map((standing) => standing.lastSeq),
    );
    const holes = findHoles(target, removedSeq, lastSeq);
    const marks = [...standings.map(({ lastSeq: seq, reader }) => ({ seq, reader })), ...known.marks];
    const needed = holes.find(({ last }) => last > known.lowestCursor);
    const completeTo = needed ? Math.max(needed.first - 1, known.lowestCursor) : lastSeq;
    const safe = safeReader(target, { marks, newest: newest?.reader ?? null, completeTo });
    const events = Number(target.value("SELECT count(*) FROM event"));
    if (!safe) return { events, holes: [], again: [], gaps: [], standing: null };
    const standing = { lastSeq, removedSeq, reader: safe.reader, version: (newest?.version ?? 0) + 1 };
    standingWriter(target)(standing);
    const insertHole = target.prepare("INSERT INTO hole (first, last) VALUES (?, ?)");
    for (const { first, last } of holes) insertHole.run(first, last);
    const after = holes.map(({ first, last }) => ({ first: Math.max(first, safe.fromSeq + 1), last }));
    const again = after.filter(({ first, last }) => first <= last);
    return { events, holes, again, gaps: merged([...safe.reader.gaps, ...gapsAtTheEnd(marks)]), standing };
  });
}

/** Those that the reader had when it was the furthest; the place it is put back to may lie before them. */
function gapsAtTheEnd(marks: readonly Mark[]): IdRange[] {
  const furthest = marks.reduce<Mark | null>((a, b) => (a && a.seq >= b.seq ? a : b), null);
  return furthest?.reader.gaps ?? [];
}

/** @returns the standings found, newest sources first */
function copyRows(damaged: string, target: Database): Standing[] {
  const event = target.prepare("INSERT OR IGNORE INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
  const never = target.prepare(
    "INSERT OR IGNORE INTO never (generation, first, last, checksum) VALUES (?, ?, ?, ?)",
  );
  const standings: Standing[] = [];
  const rows = salvagedRows(damaged, JOURNAL_PAGE);
  for (let done = false; !done; ) {
    target.transaction(() => {
      for (let count = 0; count < ROWS_A_COMMIT; count += 1) {
        const next = rows.next();
        done = next.done === true;
        if (next.done) return;
        const found = asEvent(next.value);
        const standing = found ? null : asStanding(next.value);
        const range = found || standing ? null : asNever(next.value);
        if (found) event.run(...found);
        if (standing) standings.push(standing);
        if (range) never.run(range.generation, range.first, range.last, range.checksum);
      }
    });
  }
  return standings;
}
