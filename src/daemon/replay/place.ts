/** Where a replay keeps how far it is, as a feed wants it, and what it counts on the way. */
import type { Cursor, JournalPage } from "../../journal/journal.ts";
import type { ReplayCounts, ReplayFailure, ReplayJournal } from "../../journal/replays.ts";
import type { FeedLane, FeedSource } from "../feed-parts.ts";

interface Outstanding {
  id: number;
  /** Events up to and including this one. */
  seen: number;
  matched: boolean;
}

export class ReplayPlace implements FeedLane, FeedSource {
  readonly #source: FeedSource;
  readonly #journal: ReplayJournal;
  readonly #counts: ReplayCounts;
  /** Ids of the events that a failure, or a skip, was recorded for by this host. */
  readonly #recorded = { failed: new Set<number>(), skipped: new Set<number>() };
  /** Read, and not done with. Ascending. */
  #outstanding: Outstanding[] = [];
  #read: number;

  /** @param counts as they stand when the host begins */
  constructor(source: FeedSource, journal: ReplayJournal, counts: ReplayCounts) {
    this.#source = source;
    this.#journal = journal;
    this.#counts = { ...counts };
    this.#read = counts.events;
  }

  /** With everything up to this event id done. */
  counts(doneId: number): ReplayCounts {
    this.#doneTo(doneId);
    const { failed, skipped } = this.#recorded;
    const { events, matched } = this.#counts;
    return {
      ...this.#counts,
      events,
      matched,
      failed: this.#counts.failed + failed.size,
      skipped: this.#counts.skipped + skipped.size,
    };
  }

  /** Whether everything that was read is done with. */
  isThrough(doneId: number): boolean {
    this.#doneTo(doneId);
    return this.#outstanding.length === 0;
  }

  async read(after: number, limit: number): Promise<JournalPage> {
    const page = await this.#source.read(after, limit);
    for (const { id } of page.entries) {
      this.#read += 1;
      this.#outstanding.push({ id, seen: this.#read, matched: false });
    }
    return page;
  }

  appended(after: number, signal: AbortSignal): Promise<void> {
    return this.#source.appended(after, signal);
  }

  cursor(): Promise<Cursor> {
    return this.#journal.cursor();
  }

  hadBefore(): boolean {
    return false;
  }

  async handOver({ matched }: { matched: readonly number[] }): Promise<void> {
    const wanted = new Set(matched);
    const given = this.#outstanding.filter(({ id }) => wanted.has(id));
    for (const each of given) each.matched = true;
    await this.#journal.handOver(given.map(({ id, seen }) => ({ eventId: id, seen })));
  }

  async advance(toId: number): Promise<void> {
    this.#doneTo(toId);
    await this.#journal.advance({ eventId: toId, seen: this.#counts.events });
  }

  async record(outcome: ReplayFailure): Promise<void> {
    await this.#journal.record(outcome);
    this.#recorded[outcome.kind].add(outcome.failure.eventId);
  }

  /** A dry run caught a write. */
  wrote(): void {
    this.#counts.writes += 1;
  }

  #doneTo(id: number): void {
    const left = this.#outstanding.findIndex((each) => each.id > id);
    const done = this.#outstanding.splice(0, left < 0 ? this.#outstanding.length : left);
    const last = done.at(-1);
    if (!last) return;
    this.#counts.events = last.seen;
    this.#counts.matched += done.filter(({ matched }) => matched).length;
  }
}
