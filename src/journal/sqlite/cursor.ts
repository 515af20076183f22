/** Where a lane stands: what the table says and what its slot says, whichever is further on. */
import { statSync } from "node:fs";
import type { Cursor } from "../journal.ts";
import { readSlot, SLOT_BYTES, type SlotRecord } from "../slot.ts";
import type { Lane } from "./lane-rows.ts";
import { corrupt, translated } from "./trouble.ts";

/** @throws STATE_CORRUPT when the slot is missing, damaged, or says what cannot be */
export function cursorOf(lane: Lane, file: string, lastSeq: number): Cursor {
  const stored = storedCursor(lane);
  const record = slotRecord(lane, file, lastSeq);
  const cursor = record ? further(stored, slotCursor(lane, record)) : stored;
  return lane.doubtfulTo > cursor.seq ? { ...cursor, doubtfulTo: lane.doubtfulTo } : cursor;
}

/** Takes the slot's word over into `lane`, so that its records up to now need not count any more. */
export function foldSlot(lane: Lane, file: string, lastSeq: number): void {
  const { seq, begun } = cursorOf(lane, file, lastSeq);
  lane.cursor = seq;
  lane.begun = begun !== null;
  lane.finished = begun?.finished ?? [];
  lane.slotCounter = slotRecord(lane, file, lastSeq)?.counter ?? lane.slotCounter;
}

export function storedCursor({ cursor, begun, finished }: Lane): Cursor {
  return { seq: cursor, begun: begun ? { seq: cursor + 1, finished: [...finished] } : null };
}

/** The newest record that counts, or null. */
export function slotRecord(lane: Lane, file: string, lastSeq: number): SlotRecord | null {
  const { record, damaged } = readWhole(file);
  if (!record) {
    if (damaged === 0) return null;
    throw corrupt(file, `the progress of the plugin ${lane.name} cannot be read from it`);
  }
  const { epoch, seq } = record;
  if (epoch > lane.epoch || !Number.isSafeInteger(seq) || seq < 0 || seq > lastSeq) {
    throw corrupt(
      file,
      `it says that the plugin ${lane.name} is at place ${seq} (run ${epoch}), but the journal ends at place ${lastSeq} (run ${lane.epoch})`,
    );
  }
  return counts(lane, record) ? record : null;
}

/** Whether a record is newer than what was folded into the lane. */
export function counts({ slotEpoch, slotCounter }: Lane, { epoch, counter }: SlotRecord): boolean {
  return epoch > slotEpoch || (epoch === slotEpoch && counter > slotCounter);
}

function readWhole(file: string): ReturnType<typeof readSlot> {
  let size: number;
  try {
    size = statSync(file).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") throw corrupt(file, "it is missing", error);
    throw translated(error, file);
  }
  if (size < SLOT_BYTES) throw corrupt(file, `it has only ${size} bytes`);
  return readSlot(file);
}

function slotCursor({ callbacks }: Lane, { seq, begun, finishedCallbacks }: SlotRecord): Cursor {
  if (!begun) return { seq, begun: null };
  return { seq: seq - 1, begun: { seq, finished: callbacks.slice(0, finishedCallbacks) } };
}

/** The greater position; at the same event, what either knows to be finished. */
function further(stored: Cursor, slot: Cursor): Cursor {
  if (stored.seq !== slot.seq) return stored.seq > slot.seq ? stored : slot;
  if (!stored.begun || !slot.begun) return { seq: slot.seq, begun: slot.begun ?? stored.begun };
  const finished = new Set([...stored.begun.finished, ...slot.begun.finished]);
  return { seq: slot.seq, begun: { seq: slot.begun.seq, finished: [...finished] } };
}
