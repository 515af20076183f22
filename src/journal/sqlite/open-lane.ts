/** Taking the lease of a lane. */
import { mkdirSync } from "node:fs";
import type { LaneToOpen } from "../journal.ts";
import { foldSlot, slotRecord } from "./cursor.ts";
import { slotWrittenAt } from "./done.ts";
import type { Lane } from "./lane-rows.ts";
import type { LaneTable } from "./lane-table.ts";
import { describeSlot, freshSlot } from "./slot-files.ts";
import { translated } from "./trouble.ts";

/** The lane with its epoch raised and a fresh slot. */
export async function openLane(
  table: LaneTable,
  { id, path, name, startSeq }: LaneToOpen,
  slotFile: string,
  lastSeq: number,
): Promise<Lane> {
  const known = table.get(id);
  if (known) {
    await table.change(
      known,
      (lane) => {
        const writtenAt = slotRecord(lane, slotFile, lastSeq) && slotWrittenAt(slotFile);
        foldSlot(lane, slotFile, lastSeq);
        // the last that a daemon which was killed could say of the time
        if (writtenAt) table.reached(lane, { seq: lane.cursor, at: Math.ceil(writtenAt) });
        table.done.rest(lane.number);
        lane.epoch += 1;
        lane.slotEpoch = lane.epoch;
        lane.slotCounter = 0;
        Object.assign(lane, { path, name });
      },
      { fsync: true },
    );
    // a host of an older epoch that is still alive keeps writing to the file that was there: nobody reads that any more
    freshSlot(slotFile, known);
    return known;
  }
  // the file first: a lane without one is damage
  const lane = newLane({ id, path, name, startSeq });
  freshSlot(slotFile, lane);
  await table.add(lane);
  describeSlot(slotFile, lane);
  return lane;
}

/** Its number is given when it is stored. */
export function newLane({ id, path, name, startSeq }: LaneToOpen): Lane {
  return {
    number: 0,
    id,
    path,
    name,
    state: "active",
    absentSince: null,
    startSeq,
    epoch: 1,
    cursor: startSeq,
    begun: false,
    finished: [],
    slotEpoch: 1,
    slotCounter: 0,
    callbacks: [],
    doubtfulTo: 0,
    failure: null,
    inherited: [],
    version: 0,
  };
}

/** @throws STATE_UNUSABLE, STATE_FULL */
export function prepareSlots(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw translated(error, folder);
  }
}
