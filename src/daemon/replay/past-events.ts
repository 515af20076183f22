/**
 * The events of a range of ids, in the order of their ids: from the journal what it holds, from the site what it does not. What is
 * known never to have happened is not asked for.
 */
import type { WireEvent } from "../../event.ts";
import { without } from "../../id-ranges.ts";
import type { IdRange, Journal, JournalEntry, JournalPage } from "../../journal/journal.ts";
import { stringifyExact } from "../../json.ts";
import { untilAborted } from "../pause.ts";
import type { SiteLog } from "../site-log.ts";

export interface PastEventsParts {
  journal: Journal;
  site: Pick<SiteLog, "within">;
  range: IdRange;
  signal: AbortSignal;
  /** The end of the range was reached, and somebody waits for more. */
  onEnd(): void;
}

interface Piece {
  entry: Omit<JournalEntry, "start" | "end" | "seq">;
  text: Uint8Array;
}

/** What a feed reads; the seq of an event is its id here. */
export class PastEvents {
  readonly #parts: PastEventsParts;

  constructor(parts: PastEventsParts) {
    this.#parts = parts;
  }

  async read(after: number, limit: number): Promise<JournalPage> {
    const { range, journal } = this.#parts;
    const from = Math.max(after, range.first - 1);
    const generation = (await journal.readerState())?.generation ?? 1;
    const held = await journal.byId.page({ generation, after: from, to: range.last }, limit);
    const end = held.entries.length < limit ? range.last : held.entries.at(-1)!.id;
    if (from >= end) return pageOf([]);
    const site = await this.#ofSite({ first: from + 1, last: end }, held, generation, limit);
    const pieces = [...piecesOf(held), ...site].sort((a, b) => a.entry.id - b.entry.id).slice(0, limit);
    // beyond the last event that the site has given there may be more of its own
    const sure = site.length < limit ? end : site.at(-1)!.entry.id;
    return pageOf(pieces.filter(({ entry }) => entry.id <= sure));
  }

  /** There is nothing to wait for: the past does not grow. */
  async appended(_after: number, signal: AbortSignal): Promise<void> {
    this.#parts.onEnd();
    await untilAborted(signal);
  }

  async #ofSite(range: IdRange, held: JournalPage, generation: number, limit: number): Promise<Piece[]> {
    const { journal, site, signal } = this.#parts;
    const known = held.entries.map(({ id }) => ({ first: id, last: id }));
    const unknown = without(range, known);
    if (unknown.length === 0) return [];
    const never = await journal.byId.never({ generation, ...range });
    const missing = unknown.flatMap((part) => without(part, never));
    if (missing.length === 0) return [];
    return (await site.within(missing, limit, signal)).map((event) => pieceOf(event, generation));
  }
}

function pieceOf(event: WireEvent, generation: number): Piece {
  const { id, event_type, attribute_name } = event;
  const text = new TextEncoder().encode(stringifyExact(event));
  return { entry: { generation, id, event_type, attribute_name }, text };
}

function piecesOf({ entries, bytes }: JournalPage): Piece[] {
  return entries.map(({ start, end, seq: _, ...entry }) => ({ entry, text: bytes.subarray(start, end) }));
}

function pageOf(pieces: readonly Piece[]): JournalPage {
  let at = 0;
  const entries = pieces.map(({ entry, text }) => {
    const start = at;
    at += text.length;
    return { ...entry, seq: entry.id, start, end: at };
  });
  const bytes = new Uint8Array(at);
  for (const [index, { text }] of pieces.entries()) bytes.set(text, entries[index]!.start);
  return { entries, bytes };
}
