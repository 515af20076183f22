/** Lets the journal remove what it need not keep, now and then, and tells before it has to remove what is still needed. */
import type { Journal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { AtNextLook } from "./disk-full.ts";
import type { Happenings } from "./happenings.ts";
import { pause } from "./pause.ts";

export interface Retaining {
  journal: Journal;
  log: Log;
  happenings: Happenings;
  /** Milliseconds. */
  maxAge: number;
  /** Bytes. */
  maxSize: number;
}

/** Milliseconds. A catch-up can write gigabytes in ten minutes, so the size is looked at more often. */
const TIMES = { everyMs: 10 * 60_000, lookEveryMs: 10_000 };
/** The journal is nearly full above this part of its room, and no longer so below the other. */
const NEARLY_FULL = 0.9;
const ROOM_AGAIN = 0.8;

/** Until the signal aborts. Rejects with what the journal rejects with; a full disk is waited for. */
export async function keepRetaining(
  parts: Retaining,
  signal: AbortSignal,
  { everyMs, lookEveryMs } = TIMES,
): Promise<void> {
  const { journal, log, maxSize: maxBytes } = parts;
  const atNextLook = new AtNextLook(log);
  let nearlyFull = false;
  let restedMs = 0;
  while (await pause(lookEveryMs, signal)) {
    restedMs += lookEveryMs;
    if (restedMs < everyMs && journal.head.bytes <= maxBytes) continue;
    if (await atNextLook.done("Old events cannot be removed", () => retain(parts))) restedMs = 0;
    const { bytes } = journal.head;
    if (bytes < maxBytes * ROOM_AGAIN) nearlyFull = false;
    if (nearlyFull || bytes < maxBytes * NEARLY_FULL) continue;
    nearlyFull = true;
    tellNearlyFull(parts, bytes);
  }
}

async function retain({ journal, happenings, maxAge, maxSize }: Retaining): Promise<void> {
  const { lost } = await journal.retain({ maxAgeMs: maxAge, maxBytes: maxSize });
  for (const { lane, firstSeq, lastSeq } of lost)
    happenings.tell({ kind: "journal_dropped", lane, firstSeq, lastSeq });
}

function tellNearlyFull({ log, happenings, maxSize: maxBytes }: Retaining, bytes: number): void {
  const size = (value: number) => `${Math.round(value / 1e6)} MB`;
  log.warn(
    `the journal has ${size(bytes)} of ${size(maxBytes)}: beyond that the oldest events go, also those that a stopped plugin has not had`,
    { code: "JOURNAL_NEARLY_FULL" },
  );
  happenings.tell({ kind: "journal_nearly_full", bytes, maxBytes });
}
