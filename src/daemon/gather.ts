/**
 * What a host is handed at once. A plugin that wants few events gets those of several pages in one run, since a run costs both sides the
 * same however little is in it.
 */
import type { Journal, JournalEntry } from "../journal/journal.ts";
import type { Run, RunItem } from "./host.ts";

const EVENTS_A_PAGE = 500;
/** With so many events that match, a run is worth its cost. */
const ENOUGH = 50;
/** Events that a run goes over, at most. */
const EVENTS_A_RUN = 5000;

export interface Gathered {
  /** All that the run goes over; not empty. */
  entries: readonly JournalEntry[];
  /** What the host gets of them; may be empty. */
  run: Run;
}

export interface Wanted {
  afterSeq: number;
  /** The last seq that may be handed. */
  limit: number;
  /** null: it is none of the plugin's. Asked for once for each event, in order. */
  itemOf(entry: JournalEntry): RunItem | null;
  /** No further page is read when it aborts. */
  over: AbortSignal;
}

/** @returns null when there is no event yet. Rejects with what the journal rejects with. */
export async function gather(
  journal: Pick<Journal, "read">,
  { afterSeq, limit, itemOf, over }: Wanted,
): Promise<Gathered | null> {
  const runs: Run[] = [];
  const entries: JournalEntry[] = [];
  let found = 0;
  for (let last = afterSeq; last < limit; last = entries.at(-1)!.seq) {
    const page = await journal.read(last, Math.min(limit - last, EVENTS_A_PAGE));
    if (page.entries.length === 0) break;
    entries.push(...page.entries);
    const items = page.entries.map(itemOf).filter((item) => item !== null);
    if (items.length > 0) runs.push({ items, bytes: page.bytes });
    found += items.length;
    if (found >= ENOUGH || entries.length >= EVENTS_A_RUN || over.aborted) break;
  }
  return entries.length === 0 ? null : { entries, run: runs.length === 1 ? runs[0]! : joined(runs) };
}

/** One run with the text of these. */
function joined(runs: readonly Run[]): Run {
  const pieces = runs.flatMap(({ items, bytes }) =>
    items.map((item) => ({ item, text: bytes.subarray(item.start, item.end) })),
  );
  const bytes = new Uint8Array(pieces.reduce((sum, { text }) => sum + text.length, 0));
  let end = 0;
  const items = pieces.map(({ item, text }) => {
    const start = end;
    bytes.set(text, start);
    end += text.length;
    return { ...item, start, end };
  });
  return { items, bytes };
}
