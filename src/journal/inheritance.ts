/**
 * Going on where another daemon stopped: what becomes of each lane. Nothing of it moves a lane back: what was had stays had, by
 * either daemon.
 */
import { intersection, merged } from "../id-ranges.ts";
import type { Estate, Heir, IdRange, Inheritance, Inherited, ReaderState } from "./journal.ts";

/** A lane that is there, as far as this is concerned. */
export interface KnownLane {
  /** The last seq that it is done with. */
  cursor: number;
  inherited: readonly Inherited[];
}

export interface InheritView {
  /** null before the reader's beginning. */
  standing: { lastSeq: number; removedSeq: number; reader: ReaderState } | null;
  lane(id: string): KnownLane | undefined;
  /** Lowest and highest id of a generation among the events up to a seq. */
  ids(generation: number, seq: number): { lowest: number; highest: number } | null;
}

export interface InheritStep {
  heir: Heir;
  inheritance: Inheritance;
  /** For a new lane: where it begins. Null: it is there. */
  startSeq: number | null;
  /** What it has inherited from now on; null: as before. */
  inherited: readonly Inherited[] | null;
}

type Had = NonNullable<Heir["had"]>;

export function planInheritance(lanes: readonly Heir[], view: InheritView): InheritStep[] {
  return lanes.map((heir) => {
    const known = view.lane(heir.id);
    return known ? goOn(known, heir, view) : begin(heir, view);
  });
}

/** The reader's first state. */
export function readerBeginning({ position, gaps }: Estate["reader"]): ReaderState {
  return { position, gaps: gaps.map((range) => ({ ...range, waitedMs: 0 })), generation: 1 };
}

function begin(heir: Heir, view: InheritView): InheritStep {
  const { path, had } = heir;
  const { standing } = view;
  const generation = standing?.reader.generation ?? 1;
  // one that is new to both daemons begins now, one that the other fed at the first event that is left
  const startSeq = (had ? standing?.removedSeq : standing?.lastSeq) ?? 0;
  return {
    heir,
    startSeq,
    inherited: had ? [{ afterSeq: startSeq, generation, ...had }] : [],
    inheritance: {
      path,
      outcome: "begun",
      lastId: had?.lastId ?? null,
      unreachable: had && beforeJournal(had.lastId + 1, view),
    },
  };
}

function goOn({ cursor: afterSeq, inherited }: KnownLane, heir: Heir, view: InheritView): InheritStep {
  const { path, had } = heir;
  const { standing, ids } = view;
  const generation = standing?.reader.generation ?? 1;
  const newest = inherited.at(-1);
  const before = newest?.generation === generation ? newest : null;
  const own = Math.max(before?.lastId ?? 0, ids(generation, afterSeq)?.highest ?? 0);
  const raised = had && had.lastId > own;
  const inheritance: Inheritance = {
    path,
    outcome: raised ? "raised" : "kept",
    lastId: Math.max(own, had?.lastId ?? 0) || null,
    unreachable: raised ? beforeJournal(had.lastId + 1, view) : null,
  };
  const now = had && before ? either(before, had) : had;
  if (!now || (before && isSame(now, before))) return { heir, inheritance, startSeq: null, inherited: null };
  const earlier = before?.afterSeq === afterSeq ? inherited.slice(0, -1) : inherited;
  return { heir, inheritance, startSeq: null, inherited: [...earlier, { afterSeq, generation, ...now }] };
}

/** The ids from `first` on that the journal does not reach back to. */
function beforeJournal(first: number, { standing, ids }: InheritView): IdRange | null {
  if (!standing) return null;
  const { lastSeq, reader } = standing;
  const lowest = ids(reader.generation, lastSeq)?.lowest ?? reader.position + 1;
  return first < lowest ? { first, last: lowest - 1 } : null;
}

/** What one or the other says was had. */
function either(a: Had, b: Had): Had {
  const pending = merged([...intersection(a.pending, notHad(b)), ...intersection(b.pending, notHad(a))]);
  return { lastId: Math.max(a.lastId, b.lastId), pending, as: b.as };
}

function notHad({ lastId, pending }: Had): IdRange[] {
  return [...pending, { first: lastId + 1, last: Number.MAX_SAFE_INTEGER }];
}

function isSame(a: Had, b: Had): boolean {
  return a.lastId === b.lastId && JSON.stringify(a.pending) === JSON.stringify(b.pending);
}
