/** Pages that are read from the database, one question for all lanes that want the same, also while it is under way. */
import type { JournalPage } from "../journal.ts";
import type { AppendedEvent } from "../recent.ts";
import { StoredPages } from "../stored-pages.ts";
import { consecutive, pageOf } from "./read.ts";

/** Up to `limit` events after `afterSeq`. */
type ReadEvents = (afterSeq: number, limit: number) => Promise<AppendedEvent[]>;

export class SharedPages {
  readonly #pages: StoredPages;
  readonly #read: ReadEvents;
  /** `afterSeq length` → the question that is under way. */
  readonly #asked = new Map<string, Promise<JournalPage>>();

  /** @param maxBytes memory to use */
  constructor(maxBytes: number, read: ReadEvents) {
    this.#pages = new StoredPages(maxBytes);
    this.#read = read;
  }

  /** Up to `limit` events after `afterSeq`. @throws what reading throws */
  async page(afterSeq: number, limit: number): Promise<JournalPage> {
    const known = this.#pages.page(afterSeq, limit);
    if (known) return known;
    const length = StoredPages.length(afterSeq, limit);
    return this.#pages.keep(await this.#ask(afterSeq, length), limit);
  }

  #ask(afterSeq: number, length: number): Promise<JournalPage> {
    const key = `${afterSeq} ${length}`;
    const asked =
      this.#asked.get(key) ??
      this.#read(afterSeq, length)
        .then((events) => pageOf(consecutive(events)))
        .finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }
}
