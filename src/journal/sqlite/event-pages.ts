/** Pages of events: the newest from memory, the others from the database, each read once for all lanes that are behind. */
import type { JournalPage } from "../journal.ts";
import { type AppendedEvent, RecentEvents } from "../recent.ts";
import { StoredPages } from "../stored-pages.ts";
import type { Database } from "./database.ts";
import { Holes } from "./holes.ts";
import { pageReader } from "./read.ts";

export class EventPages {
  readonly #recent: RecentEvents;
  readonly #stored: StoredPages;
  readonly #readPage;
  readonly #holes: Holes;

  /** @param cacheBytes memory for each of the two */
  constructor(journal: Database, cacheBytes: number) {
    this.#recent = new RecentEvents(cacheBytes);
    this.#stored = new StoredPages(cacheBytes);
    this.#readPage = pageReader(journal);
    this.#holes = new Holes(journal);
  }

  add(events: readonly AppendedEvent[]): void {
    for (const event of events) this.#recent.add(event);
  }

  /**
   * Up to `limit` events after `afterSeq`, which lies below `lastSeq`; none after that: what is not durable yet is nobody's.
   * @throws STATE_CORRUPT when there are none, and no hole that is known
   */
  read(afterSeq: number, limit: number, lastSeq: number): JournalPage {
    return (
      this.#recent.page(afterSeq, limit) ??
      this.#stored.page(afterSeq, limit) ??
      this.#fromDatabase(afterSeq, limit, lastSeq)
    );
  }

  /** `seq`, or the place before the hole that it lies in. */
  lastBefore(seq: number): number {
    return this.#holes.lastBefore(seq);
  }

  #fromDatabase(after: number, limit: number, lastSeq: number): JournalPage {
    const length = Math.min(StoredPages.length(after, limit), lastSeq - after);
    const read = this.#readPage(after, length);
    // behind a hole there may be fewer than there are places
    const page = { ...read, entries: read.entries.filter(({ seq }) => seq <= lastSeq) };
    const first = page.entries[0]?.seq ?? lastSeq + 1;
    this.#holes.explain(after + 1, first - 1);
    return this.#stored.keep(page, limit);
  }
}
