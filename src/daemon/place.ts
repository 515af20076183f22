/** From what people say (an event, a time) to a place in the journal. */
import { CallsheetError } from "../errors.ts";
import type { WireEvent } from "../event.ts";
import type { Journal } from "../journal/journal.ts";

/** The event that is to come next: one by its id, the first of a time or later, or none of those there are. */
export type Aim = { eventId: number } | { time: Date } | "end";

/** The order in the journal is that of becoming visible: an event may be older than one this far before it. */
const LATE_EVENTS = 500;

/**
 * The place just before the aim: where a cursor has to stand for it to be next.
 * @throws CallsheetError EVENT_UNKNOWN
 */
export async function placeOf(journal: Journal, aim: Aim): Promise<number> {
  if (aim === "end") return journal.head.lastSeq;
  if ("time" in aim) return beforeTime(journal, aim.time.getTime());
  const found = await journal.find(aim.eventId);
  if (found) return found.seq - 1;
  const { firstSeq, lastSeq } = journal.head;
  const range = lastSeq < firstSeq ? "It is empty." : await describeRange(journal);
  throw new CallsheetError("EVENT_UNKNOWN", `The journal does not hold event ${aim.eventId}. ${range}`);
}

/** Halving, and then a look at those before, since late events stand out of order. */
async function beforeTime(journal: Journal, time: number): Promise<number> {
  let low = journal.head.firstSeq - 1;
  let high = journal.head.lastSeq;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const event = await eventAfter(journal, middle);
    if (event && Date.parse(event.created_at) < time) low = middle + 1;
    else high = middle;
  }
  const from = Math.max(journal.head.firstSeq - 1, low - LATE_EVENTS);
  const { entries, bytes } = await journal.read(from, low - from || 1);
  const text = new TextDecoder();
  for (const { seq, start, end } of entries) {
    if (seq > low) break;
    const event = JSON.parse(text.decode(bytes.subarray(start, end))) as WireEvent;
    if (Date.parse(event.created_at) >= time) return seq - 1;
  }
  return low;
}

async function eventAfter(journal: Journal, seq: number): Promise<WireEvent | null> {
  const { entries, bytes } = await journal.read(seq, 1);
  const [entry] = entries;
  if (!entry) return null;
  return JSON.parse(new TextDecoder().decode(bytes.subarray(entry.start, entry.end))) as WireEvent;
}

async function describeRange(journal: Journal): Promise<string> {
  const first = await eventAfter(journal, journal.head.firstSeq - 1);
  const last = await eventAfter(journal, journal.head.lastSeq - 1);
  return first && last ? `Its first event is ${first.id}, its last ${last.id}.` : "";
}
