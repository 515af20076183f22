/**
 * Pages that were read back from the store, kept for the other lanes: those that are behind are so for the same events. Pages of all of
 * them end at the same places, whatever place each began at.
 */
import type { JournalPage } from "./journal.ts";

/** Events a page, at most. */
const PAGE = 500;
/** Who wants fewer looks at a place, and reads no page. */
const FEW = 50;
/** What an entry costs beside its bytes, roughly. */
const ENTRY_BYTES = 100;

export class StoredPages {
  readonly #maxBytes: number;
  /** By number of the page, the one that was asked for last at the end. */
  readonly #pages = new Map<number, JournalPage>();
  #bytes = 0;

  /** @param maxBytes memory to use; the last page is always kept */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many events to read after `afterSeq` when `limit` are wanted. */
  static length(afterSeq: number, limit: number): number {
    return limit < FEW ? limit : PAGE - (afterSeq % PAGE);
  }

  /** Up to `limit` events after `afterSeq`; null when they are not here. */
  page(afterSeq: number, limit: number): JournalPage | null {
    const number = Math.floor(afterSeq / PAGE);
    const page = this.#pages.get(number);
    const from = page ? afterSeq + 1 - page.entries[0]!.seq : -1;
    if (!page || from < 0 || from >= page.entries.length) return null;
    this.#pages.delete(number);
    this.#pages.set(number, page);
    return firstOf({ ...page, entries: from === 0 ? page.entries : page.entries.slice(from) }, limit);
  }

  /** Keeps a page that was read. @returns the first `limit` events of it */
  keep(page: JournalPage, limit: number): JournalPage {
    const [first] = page.entries;
    if (!first || limit < FEW) return firstOf(page, limit);
    const number = Math.floor((first.seq - 1) / PAGE);
    this.#drop(number);
    this.#pages.set(number, page);
    this.#bytes += cost(page);
    for (const oldest of this.#pages.keys()) {
      if (this.#bytes <= this.#maxBytes || oldest === number) break;
      this.#drop(oldest);
    }
    return firstOf(page, limit);
  }

  #drop(number: number): void {
    const page = this.#pages.get(number);
    if (!page) return;
    this.#pages.delete(number);
    this.#bytes -= cost(page);
  }
}

function firstOf(page: JournalPage, limit: number): JournalPage {
  return page.entries.length <= limit ? page : { ...page, entries: page.entries.slice(0, limit) };
}

function cost({ entries, bytes }: JournalPage): number {
  return bytes.length + entries.length * ENTRY_BYTES;
}
