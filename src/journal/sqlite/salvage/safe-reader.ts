/**
 * Where the reader has to go on so that no lane misses an event that was lost: from the last place at which everything before it
 * is there (or needed by nobody), and from there over all ids that are accounted for.
 */

import { merged } from "../../../id-ranges.ts";
import type { IdRange, ReaderState } from "../../journal.ts";
import type { Database } from "../database.ts";
import type { Mark } from "../marks.ts";

export interface ReaderKnowledge {
  /** Where the reader stood at some places of the journal. */
  marks: readonly Mark[];
  /** Its newest state that could be read. */
  newest: ReaderState | null;
  /** No event up to this place is both lost and needed. */
  completeTo: number;
}

export interface SafeReader {
  reader: ReaderState;
  /** Of the events that were lost, those after this place are fetched anew. */
  fromSeq: number;
}

/** @returns null when nothing tells where the reader was */
export function safeReader(
  journal: Database,
  { marks, newest, completeTo }: ReaderKnowledge,
): SafeReader | null {
  const safe = marks.filter(({ seq }) => seq <= completeTo);
  const mark = safe.length > 0 ? safe.reduce((a, b) => (b.seq > a.seq ? b : a)) : null;
  const [base, fromSeq] = mark ? [mark.reader, mark.seq] : [beforeFirst(journal), 0];
  if (!base) return null;
  const generation = Number(journal.value("SELECT max(generation) FROM event") ?? base.generation);
  // beyond a restored backup ids mean other events: the reader finds that out again by itself
  if (base.generation !== generation || (newest && newest.generation !== generation))
    return { reader: base, fromSeq };
  return { reader: overKnownIds(journal, base, newest), fromSeq };
}

/** Without any mark: before the lowest id that is there. */
function beforeFirst(journal: Database): ReaderState | null {
  const row = journal.value("SELECT max(generation) FROM event") as number | null;
  if (row === null) return null;
  const lowest = Number(journal.value(`SELECT min(id) FROM event WHERE generation = ${row}`));
  return { position: lowest - 1, gaps: [], generation: row };
}

/** Moves the position up to the first id that is neither stored, nor given up, nor known to be missing. */
function overKnownIds(journal: Database, base: ReaderState, newest: ReaderState | null): ReaderState {
  const { generation } = base;
  const givenUp = rangesOf(journal, "SELECT first, last FROM never WHERE generation = ?", generation);
  const missing = newest?.gaps ?? [];
  const covered = [...givenUp, ...missing].toSorted((a, b) => a.first - b.first);
  const ids = journal.prepare("SELECT id FROM event WHERE generation = ? AND id > ? ORDER BY id");
  let { position } = base;
  let next = 0;
  const skipCovered = () => {
    for (; next < covered.length && covered[next]!.first <= position + 1; next += 1) {
      position = Math.max(position, covered[next]!.last);
    }
  };
  for (const { id } of ids.iterate(generation, position) as unknown as Iterable<{ id: number }>) {
    skipCovered();
    if (id > position + 1) break;
    position = Math.max(position, id);
  }
  const open = [...base.gaps, ...missing].filter(({ last }) => last <= position);
  const stored = (range: IdRange) => storedIds(journal, generation, range);
  const gaps = merged(open).flatMap((range) => without(range, [...givenUp, ...stored(range)]));
  return { position, gaps: gaps.map((range) => ({ ...range, waitedMs: 0 })), generation };
}

function storedIds(journal: Database, generation: number, { first, last }: IdRange): IdRange[] {
  const sql = "SELECT id AS first, id AS last FROM event WHERE generation = ? AND id BETWEEN ? AND ?";
  return rangesOf(journal, sql, generation, first, last);
}

function rangesOf(journal: Database, sql: string, ...values: number[]): IdRange[] {
  return journal.run(() => journal.prepare(sql).all(...values)) as unknown as IdRange[];
}

/** What is left of a range. */
function without({ first, last }: IdRange, taken: readonly IdRange[]): IdRange[] {
  const rest: IdRange[] = [];
  let from = first;
  for (const hole of merged(taken)) {
    if (hole.last < from || hole.first > last) continue;
    if (hole.first > from) rest.push({ first: from, last: hole.first - 1 });
    from = hole.last + 1;
  }
  if (from <= last) rest.push({ first: from, last });
  return rest;
}
