/** Bringing lanes and their slots together again: each lane at the furthest place that is certain. */
import { readSlot, type SlotRecord } from "../../slot.ts";
import { counts, cursorOf } from "../cursor.ts";
import { type StateFolder, slotFile, slotIds } from "../folder.ts";
import type { Lane } from "../lane-rows.ts";
import { newLane } from "../open-lane.ts";
import { type SlotOwner, slotOwner } from "../slot-files.ts";

export interface MendedLane {
  lane: Lane;
  /** The last place that it is done with, by its row or its slot. */
  seq: number;
  /** What was lost, as a sentence: the row has to be written, and the slot made anew. Null when nothing was. */
  note: string | null;
  /** Its slot does not tell how far it was: what the journal holds beyond `seq` may have been begun. */
  adrift: boolean;
}

export function mendLanes(folder: StateFolder, lanes: Map<string, Lane>): MendedLane[] {
  const known = [...lanes.values()].map((lane) => mendKnown(lane, slotFile(folder, lane.id)));
  let number = Math.max(0, ...known.map(({ lane }) => lane.number));
  const found = slotIds(folder)
    .filter((id) => !lanes.has(id))
    .map((id) => fromSlot(id, slotFile(folder, id)))
    .filter((mended) => mended !== null);
  for (const { lane } of found) lane.number = number += 1;
  return [...known, ...found];
}

function mendKnown(lane: Lane, file: string): MendedLane {
  const owner = slotOwner(file);
  const older = owner !== null && owner.version > lane.version;
  const had = lane.inherited.length < (owner?.inherited?.length ?? 0);
  if (owner && older) takeOwner(lane, owner);
  const record = soundRecord(file);
  try {
    const { seq } = cursorOf(lane, file, Number.MAX_SAFE_INTEGER);
    if (!older && !had) return { lane, seq, note: null, adrift: false };
    if (!older) return withInherited(lane, owner!, seq);
  } catch {
    // told below
  }
  if (record && counts(lane, record)) takeRecord(lane, record);
  const seq = lane.cursor;
  const what = older ? "its row was older than its slot" : "its slot was damaged";
  const note = `${what}; it goes on after place ${seq}, and events that it had finished since may come again`;
  return { lane, seq, note, adrift: record === null };
}

/** What it had before it was carried over was lost with another row. */
function withInherited(lane: Lane, { inherited = [] }: SlotOwner, seq: number): MendedLane {
  lane.inherited = inherited;
  const note = `what it had had from the daemon before was read from its slot; it goes on after place ${seq}`;
  return { lane, seq, note, adrift: false };
}

/** A lane whose row is lost. */
function fromSlot(id: string, file: string): MendedLane | null {
  const record = soundRecord(file);
  const owner = slotOwner(file);
  // about to be created when the daemon was killed: nobody ever had it
  if (!record && owner?.version === 0) return null;
  // a file of that name, wherever it is, is taken for it; until then it must not keep events for ever
  const lane = newLane({ id, path: `/lost/${nameOf(id)}.ts`, name: nameOf(id), startSeq: 0 });
  if (owner) takeOwner(lane, owner);
  else Object.assign(lane, { state: "absent", absentSince: Date.now() });
  if (record && counts(lane, record)) takeRecord(lane, record);
  const whose = owner ? "" : ", and its slot does not say in which folder it was";
  return {
    lane,
    seq: lane.cursor,
    note: `its row was lost${whose}; by its slot it goes on after place ${lane.cursor}`,
    adrift: record === null,
  };
}

function takeOwner(lane: Lane, owner: SlotOwner): void {
  const { path, name, startSeq, cursor, epoch, slotCounter, callbacks, inherited = [], version } = owner;
  Object.assign(lane, { path, name, startSeq, epoch, slotEpoch: epoch, slotCounter, callbacks, version });
  if (inherited.length > 0) lane.inherited = inherited;
  if (cursor > lane.cursor) Object.assign(lane, { cursor, begun: false, finished: [] });
}

function takeRecord(lane: Lane, { epoch, seq, begun, finishedCallbacks }: SlotRecord): void {
  const done = begun ? seq - 1 : seq;
  lane.epoch = Math.max(lane.epoch, epoch);
  if (done < lane.cursor) return;
  const before = done === lane.cursor && lane.begun ? lane.finished : [];
  lane.cursor = done;
  lane.begun = begun;
  lane.finished = begun ? [...new Set([...before, ...lane.callbacks.slice(0, finishedCallbacks)])] : [];
}

function soundRecord(file: string): SlotRecord | null {
  const { record } = readSlot(file);
  return record && Number.isSafeInteger(record.seq) && record.seq >= 1 ? record : null;
}

/** `notify-1a2b3c4d` → `notify`. */
function nameOf(id: string): string {
  return id.replace(/-[0-9a-f]{8}$/, "");
}
