import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CallsheetError } from "../../src/errors.ts";
import type { WireEvent } from "../../src/event.ts";
import type { Gap, Journal, JournalPage, LaneFailure, LaneJournal } from "../../src/journal/journal.ts";
import { SlotWriter } from "../../src/journal/slot.ts";

export function wireEvent(id: number, more: Partial<WireEvent> = {}): WireEvent {
  return {
    type: "EventLogEntry",
    id,
    event_type: "Shotgun_Task_Change",
    attribute_name: "sg_status_list",
    meta: { type: "attribute_change", entity_type: "Task", entity_id: 7, new_value: "fin ✓ é" },
    entity: { type: "Task", id: 7, name: "Animation" },
    user: { type: "HumanUser", id: 88, name: "Zoë" },
    project: { type: "Project", id: 70 },
    session_uuid: null,
    created_at: "2026-11-01T08:00:00Z",
    ...more,
  };
}

export function wireEvents(first: number, last: number): WireEvent[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => wireEvent(first + index));
}

/** Appends events with these ids; the reader stands at the highest of them. */
export async function appendIds(journal: Journal, ids: readonly number[], gaps: Gap[] = [], generation = 1) {
  const before = await journal.readerState();
  const position = Math.max(before?.generation === generation ? before.position : 0, ...ids);
  return journal.append({
    events: ids.map((id) => wireEvent(id)),
    neverHappened: [],
    reader: { position, gaps, generation },
  });
}

export function eventsOf({ entries, bytes }: JournalPage): WireEvent[] {
  const text = new TextDecoder();
  return entries.map(({ start, end }) => JSON.parse(text.decode(bytes.subarray(start, end))) as WireEvent);
}

/** Ids of all events after `afterSeq`, read page by page. */
export async function idsAfter(journal: Journal, afterSeq: number, limit = 500): Promise<number[]> {
  const ids: number[] = [];
  for (let at = afterSeq; ; ) {
    const page = await journal.read(at, limit);
    if (page.entries.length === 0) return ids;
    ids.push(...page.entries.map(({ id }) => id));
    at = page.entries.at(-1)!.seq;
  }
}

/** A lane's host, as far as it tells its progress: into the slot, or to the lane's owner. */
export interface HostOfLane {
  begun(seq: number, finishedCallbacks: number): Promise<void>;
  done(seq: number): Promise<void>;
  close(): void;
}

export function hostOf(lane: LaneJournal): HostOfLane {
  const { slot } = lane;
  if (slot) {
    const writer = new SlotWriter(slot.file, slot.epoch);
    return {
      begun: async (seq, finishedCallbacks) => writer.begun(seq, finishedCallbacks),
      done: async (seq) => writer.done(seq),
      close: () => writer.close(),
    };
  }
  return {
    begun: (seq, finishedCallbacks) => heard(lane.commit({ seq, begun: true, finishedCallbacks })),
    done: (seq) => heard(lane.commit({ seq, begun: false, finishedCallbacks: 0 })),
    close() {},
  };
}

/** An older host may be refused; that it is not listened to is what tests look at. */
async function heard(commit: Promise<void>): Promise<void> {
  await commit.catch((error: CallsheetError) => {
    if (error.code !== "STATE_LOCKED") throw error;
  });
}

export function failure(seq: number, more: Partial<LaneFailure> = {}): LaneFailure {
  return {
    seq,
    eventId: seq,
    callback: "onEvent",
    code: "CALLBACK_FAILED",
    message: "no such task",
    stack: null,
    attempts: 1,
    at: "2026-11-01T08:00:00Z",
    ...more,
  };
}

export async function refusal(work: Promise<unknown>): Promise<CallsheetError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof CallsheetError) return error;
    throw error;
  }
  throw new Error("it was not refused");
}

export class Folders {
  readonly #made: string[] = [];

  make(): string {
    const folder = mkdtempSync(join(tmpdir(), "callsheet-journal-"));
    this.#made.push(folder);
    return folder;
  }

  /** The state as a kill would leave it at this moment: what was written is there, nothing is closed. */
  killedCopy(folder: string): string {
    const copy = this.make();
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.endsWith("-shm") });
    return copy;
  }

  /** Removes all others now, so that a long test does not fill the disk. */
  removeAllBut(keep: Record<string, string>): void {
    const kept = new Set(Object.values(keep));
    for (const folder of this.#made) if (!kept.has(folder)) rmSync(folder, { recursive: true, force: true });
  }

  remove(): void {
    for (const folder of this.#made.splice(0)) rmSync(folder, { recursive: true, force: true });
  }
}
