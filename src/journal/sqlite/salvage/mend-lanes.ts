/** Bringing lanes and their slots together again: each lane at the furthest place that is certain. */
import { readSlot, type SlotRecord } from "../../slot.ts";
import { counts, cursorOf } from "../cursor.ts";
import { type StateFolder, slotFile, slotIds } from "../folder.ts";
import type { Lane } from "../lane-rows.ts";
import { newLane } from "../open-lane.ts";
import { slotOwner } from "../slot-files.ts";

export interface MendedLane {
  lane: Lane;
  /** The last place that it is done with, by its row or its slot. */
  seq: number;
  /** What was lost, as a sentence: the row has to be written, and the slot made anew. Null when nothing was. */
  note: string | null;
}

/** @param tableLost whether rows of lanes may be missing */
export function mendLanes(folder: StateFolder, lanes: Map<string, Lane>, tableLost: boolean): MendedLane[] {
  const known = [...lanes.values()].map((lane) => mendKnown(lane, slotFile(folder, lane.id)));
  let number = Math.max(0, ...known.map(({ lane }) => lane.number));
  const found = slotIds(folder)
    .filter((id) => !lanes.has(id))
    .map((id) => fromSlot(id, slotFile(folder, id), tableLost))
    .filter((mended) => mended !== null);
  for (const { lane } of found) lane.number = number += 1;
  return [...known, ...found];
}

function mendKnown(lane: Lane, file: string): MendedLane {
  try {
    return { lane, seq: cursorOf(lane, file, Number.MAX_SAFE_INTEGER).seq, note: null };
  } catch {
    const record = soundRecord(file);
    if (record && counts(lane, record)) takeOver(lane, record);
    const seq = lane.cursor;
    const note = `its slot and its row did not fit together; it goes on after place ${seq}, and events that it had finished since may come again`;
    return { lane, seq, note };
  }
}

/** A lane whose row is lost. */
function fromSlot(id: string, file: string, tableLost: boolean): MendedLane | null {
  const record = soundRecord(file);
  // without a record it may be a lane that was never stored
  if (!record && !tableLost) return null;
  const owner = slotOwner(file);
  const { path, name, startSeq, cursor } = owner ?? { path: "", name: nameOf(id), startSeq: 0, cursor: 0 };
  const lane = newLane({ id, path, name, startSeq });
  lane.cursor = cursor;
  if (record) takeOver(lane, record);
  const whose = owner ? "" : ", and its slot does not say which file it was";
  return {
    lane,
    seq: lane.cursor,
    note: `its row was lost${whose}; by its slot it goes on after place ${lane.cursor}`,
  };
}

function takeOver(lane: Lane, { epoch, seq, begun }: SlotRecord): void {
  const done = begun ? seq - 1 : seq;
  lane.epoch = Math.max(lane.epoch, epoch);
  if (done < lane.cursor) return;
  const finished = done === lane.cursor && lane.begun ? lane.finished : [];
  lane.cursor = done;
  lane.begun = begun;
  lane.finished = begun ? finished : [];
}

function soundRecord(file: string): SlotRecord | null {
  const { record } = readSlot(file);
  return record && Number.isSafeInteger(record.seq) && record.seq >= 1 ? record : null;
}

/** `notify-1a2b3c4d` → `notify`. */
function nameOf(id: string): string {
  return id.replace(/-[0-9a-f]{8}$/, "");
}
