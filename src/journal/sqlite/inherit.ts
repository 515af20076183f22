/**
 * Going on where another daemon stopped. Nothing of it moves a lane back: what was had stays had, by either daemon.
 *
 * The lanes and the reader's beginning are one transaction of `lanes.sqlite`; the journal takes the beginning from there, now or
 * when it is opened next.
 */

import { intersection, merged } from "../../id-ranges.ts";
import type { Estate, Heir, IdRange, Inheritance, ReaderState } from "../journal.ts";
import type { Lane } from "./lane-rows.ts";
import type { LaneTable } from "./lane-table.ts";
import { newLane } from "./open-lane.ts";
import { describeSlot, freshSlot } from "./slot-files.ts";
import type { Standing } from "./standing.ts";

export interface InheritParts {
  table: LaneTable;
  /** null before the reader's beginning. */
  standing: Standing | null;
  slotFile(id: string): string;
  cursor(lane: Lane): number;
  /** Lowest and highest id of a generation among the events up to a seq. */
  ids(generation: number, seq: number): { lowest: number; highest: number } | null;
}

type Had = NonNullable<Heir["had"]>;

interface Step {
  lane: Lane;
  inheritance: Inheritance;
  write: (() => Promise<unknown>) | null;
}

export async function inherit({ reader, lanes }: Estate, parts: InheritParts): Promise<Inheritance[]> {
  const { table, standing, slotFile } = parts;
  const steps = lanes.map((heir) => {
    const known = table.get(heir.id);
    return known ? goOn(known, heir, parts) : begin(heir, parts);
  });
  // all of this turn, so one transaction
  const writes = steps.map(async ({ lane, write }) => {
    await write?.();
    if (write) describeSlot(slotFile(lane.id), lane);
  });
  if (!standing) writes.push(table.begin(beginning(reader)));
  await Promise.all(writes);
  return steps.map(({ inheritance }) => inheritance);
}

function begin({ id, path, name, had }: Heir, parts: InheritParts): Step {
  const { table, standing, slotFile } = parts;
  const generation = standing?.reader.generation ?? 1;
  // one that is new to both daemons begins now, one that the other fed at the first event that is left
  const startSeq = (had ? standing?.removedSeq : standing?.lastSeq) ?? 0;
  const lane = newLane({ id, path, name, startSeq });
  if (had) lane.inherited = [{ afterSeq: startSeq, generation, ...had }];
  return {
    lane,
    inheritance: {
      path,
      outcome: "begun",
      lastId: had?.lastId ?? null,
      unreachable: had && beforeJournal(had.lastId + 1, parts),
    },
    write() {
      // the file first: a lane without one is damage
      freshSlot(slotFile(id), lane);
      return table.add(lane);
    },
  };
}

function goOn(lane: Lane, { path, had }: Heir, parts: InheritParts): Step {
  const { table, standing, cursor, ids } = parts;
  const generation = standing?.reader.generation ?? 1;
  const afterSeq = cursor(lane);
  const newest = lane.inherited.at(-1);
  const before = newest?.generation === generation ? newest : null;
  const own = Math.max(before?.lastId ?? 0, ids(generation, afterSeq)?.highest ?? 0);
  const raised = had && had.lastId > own;
  const inheritance: Inheritance = {
    path,
    outcome: raised ? "raised" : "kept",
    lastId: Math.max(own, had?.lastId ?? 0) || null,
    unreachable: raised ? beforeJournal(had.lastId + 1, parts) : null,
  };
  const now = had && before ? either(before, had) : had;
  if (!now || (before && isSame(now, before))) return { lane, inheritance, write: null };
  const inherited = { afterSeq, generation, ...now };
  const earlier = before?.afterSeq === afterSeq ? lane.inherited.slice(0, -1) : lane.inherited;
  const change = (it: Lane) => {
    it.inherited = [...earlier, inherited];
  };
  return { lane, inheritance, write: () => table.change(lane, change, { fsync: true }) };
}

/** The ids from `first` on that the journal does not reach back to. */
function beforeJournal(first: number, { standing, ids }: InheritParts): IdRange | null {
  if (!standing) return null;
  const { lastSeq, reader } = standing;
  const lowest = ids(reader.generation, lastSeq)?.lowest ?? reader.position + 1;
  return first < lowest ? { first, last: lowest - 1 } : null;
}

function beginning({ position, gaps }: Estate["reader"]): ReaderState {
  return { position, gaps: gaps.map((range) => ({ ...range, waitedMs: 0 })), generation: 1 };
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
