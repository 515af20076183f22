/**
 * Going on where another daemon stopped, as stored. The lanes and the reader's beginning are one transaction of `lanes.sqlite`; the
 * journal takes the beginning from there, now or when it is opened next.
 */
import { type InheritStep, planInheritance, readerBeginning } from "../inheritance.ts";
import type { Estate, Inheritance } from "../journal.ts";
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

export async function inherit({ reader, lanes }: Estate, parts: InheritParts): Promise<Inheritance[]> {
  const { table, standing, cursor, ids } = parts;
  const steps = planInheritance(lanes, {
    standing,
    ids,
    lane(id) {
      const lane = table.get(id);
      return lane && { cursor: cursor(lane), inherited: lane.inherited };
    },
  });
  // all of this turn, so one transaction
  const writes = steps.map((step) => store(step, parts));
  if (!standing) writes.push(table.begin(readerBeginning(reader)));
  await Promise.all(writes);
  return steps.map(({ inheritance }) => inheritance);
}

async function store({ heir, startSeq, inherited }: InheritStep, parts: InheritParts): Promise<void> {
  if (!inherited) return;
  const { table } = parts;
  const { id, path, name } = heir;
  const file = parts.slotFile(id);
  if (startSeq === null) {
    const lane = table.get(id)!;
    await table.change(
      lane,
      (it) => {
        it.inherited = inherited;
      },
      { fsync: true },
    );
    return describeSlot(file, lane);
  }
  const lane = newLane({ id, path, name, startSeq });
  lane.inherited = inherited;
  // the file first: a lane without one is damage
  freshSlot(file, lane);
  await table.add(lane);
  describeSlot(file, lane);
}
