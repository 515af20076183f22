/** Where a replay stands: what its row says and what the slot of its last host says, whichever is further on. */
import { join } from "node:path";
import { readSlot } from "../../slot.ts";
import type { ReplayRow } from "./tables.ts";

export interface ReplayPlace {
  cursor: number;
  begun: { event: number; finished: string[] } | null;
  /** Events up to the cursor. */
  seen: number;
}

/** @param folder with the slots */
export function replaySlot(folder: string, id: number, epoch: number): string {
  return join(folder, `${id}-${epoch}.slot`);
}

/** @param seenAt how many events there are up to and including one that was handed over; null when it was not */
export function placeOfReplay(
  row: ReplayRow,
  folder: string,
  seenAt: (event: number) => number | null,
): ReplayPlace {
  const finished = JSON.parse(row.finished) as string[];
  const stored: ReplayPlace = {
    cursor: row.cursor,
    begun: row.begun === null ? null : { event: row.begun, finished },
    seen: row.seen,
  };
  const { record } = readSlot(replaySlot(folder, row.id, row.epoch));
  if (!record) return stored;
  const { seq: event, begun, finishedCallbacks } = record;
  const cursor = begun ? event - 1 : event;
  const seen = seenAt(event);
  if (cursor < stored.cursor || seen === null) return stored;
  if (!begun) return { cursor, begun: null, seen };
  const keys = (JSON.parse(row.callbacks) as string[]).slice(0, finishedCallbacks);
  const before = stored.begun?.event === event ? stored.begun.finished : [];
  return { cursor, begun: { event, finished: [...new Set([...before, ...keys])] }, seen: seen - 1 };
}
