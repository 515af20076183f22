/** The journal on PostgreSQL: one database, for any number of daemons. What it is asked of what was is answered in `answers.ts`. */
import { setTimeout as wait } from "node:timers/promises";
import { CallsheetError } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import type {
  AppendBatch,
  AppendResult,
  Estate,
  EventsById,
  Inheritance,
  Journal,
  JournalHead,
  JournalPage,
  LaneJournal,
  LaneToOpen,
  LeaseSeen,
  ReaderState,
  RetentionPolicy,
  RetentionReport,
} from "../journal.ts";
import { type AppendedEvent, RecentEvents } from "../recent.ts";
import { Waiting } from "../waiting.ts";
import { PostgresAnswers } from "./answers.ts";
import { eventsById } from "./by-id.ts";
import { PostgresCluster } from "./cluster.ts";
import { readDoneTimes } from "./done.ts";
import type { Engine } from "./engine.ts";
import { Follower } from "./follow.ts";
import { inherit } from "./inherit.ts";
import { PostgresLaneJournal } from "./lane-journal.ts";
import { takeLane } from "./lanes.ts";
import type { Membership } from "./membership.ts";
import { ASKED, FREED, GROWN, OLDER_NOW } from "./notices.ts";
import { neverHappened, readEvents } from "./read.ts";
import { ReaderLease } from "./reader-lease.ts";
import { retain } from "./retain.ts";
import { SharedPages } from "./shared-pages.ts";
import type { JournalSize } from "./size.ts";
import { readStanding, type Standing } from "./standing.ts";
import { TogetherLease } from "./together.ts";

export interface JournalParts {
  engine: Engine;
  standing: Standing | null;
  size: JournalSize;
  /** null: it is not part of a cluster; what it takes is its own until another takes it. */
  member: Membership | null;
  log: Log | null;
  now: () => Date;
  /** Memory for recent events, bytes. */
  cacheBytes: number;
}

/** What is lazy is stored within this time, or comes again, ms. */
const CLOSE_WITHIN_MS = 2000;
const EMPTY: JournalPage = { entries: [], bytes: new Uint8Array(0) };
/** Events that are taken into memory at a time when another daemon appends them. */
const FOLLOW_PAGE = 500;

export class PostgresJournal extends PostgresAnswers implements Journal {
  readonly byId: EventsById;
  readonly cluster: PostgresCluster | null;
  readonly #parts: JournalParts;
  readonly #recent: RecentEvents;
  readonly #stored: SharedPages;
  readonly #waiting = new Waiting();
  readonly #follower: Follower;
  readonly #reader: ReaderLease;
  readonly #together: TogetherLease | null;
  /** As last seen; another daemon may be further. */
  #standing: Standing | null;
  #closed: Promise<void> | null = null;

  constructor(parts: JournalParts) {
    super(parts.engine);
    this.byId = eventsById(parts.engine);
    this.#parts = parts;
    this.#standing = parts.standing;
    this.#recent = new RecentEvents(parts.cacheBytes);
    this.#stored = new SharedPages(parts.cacheBytes, (afterSeq, limit) =>
      this.ask((withinMs) => readEvents(this.engine, { afterSeq, limit, withinMs })),
    );
    const { engine, member } = parts;
    this.#reader = new ReaderLease(engine, parts.now, member);
    this.#together = member?.together ? new TogetherLease(engine, member) : null;
    this.cluster =
      member &&
      new PostgresCluster({
        engine,
        member,
        reader: this.#reader,
        together: this.#together,
        holdsLane: (id) => this.opened.holds(id),
      });
    this.#follower = new Follower(engine, (withinMs) => this.#look(withinMs), {
      [GROWN]: "look",
      [FREED]: (payload) => this.cluster?.freed(payload),
      [ASKED]: () => this.cluster?.poke(),
      [OLDER_NOW]: (schema) => member?.heardOlder(schema),
    });
  }

  get head(): JournalHead {
    return { firstSeq: this.#removedSeq + 1, lastSeq: this.#lastSeq, bytes: this.#parts.size.bytes };
  }

  /** Since when the database has not answered; null while it does. */
  get awaySince(): Date | null {
    return this.engine.awaySince;
  }

  async readerState(): Promise<ReaderState | null> {
    const standing = await this.ask((withinMs) => readStanding(this.engine, withinMs));
    return standing?.reader ?? null;
  }

  async append(batch: AppendBatch): Promise<AppendResult> {
    const { standing, events, repeated } = await this.#reader.append(batch);
    const firstSeq = standing.lastSeq - events.length + 1;
    // what others appended before this one took the lease is in the database only
    if (firstSeq === this.#lastSeq + 1) this.#keep(events);
    this.#see(standing);
    return { firstSeq, lastSeq: standing.lastSeq, repeated };
  }

  async read(afterSeq: number, limit: number): Promise<JournalPage> {
    const after = Math.max(afterSeq, this.#removedSeq);
    if (after >= this.#lastSeq) return EMPTY;
    return (
      this.#recent.page(after, limit) ?? this.#stored.page(after, Math.min(limit, this.#lastSeq - after))
    );
  }

  async appended(afterSeq: number, signal: AbortSignal): Promise<void> {
    if (this.#lastSeq <= afterSeq || this.#lastSeq <= this.#removedSeq)
      await this.#waiting.until(afterSeq, signal);
  }

  async neverHappened(id: number): Promise<boolean> {
    const generation = this.#standing?.reader?.generation;
    return generation !== undefined && this.ask(() => neverHappened(this.engine, generation, id));
  }

  async openLane(toOpen: LaneToOpen, seen?: LeaseSeen | null): Promise<LaneJournal> {
    const { member } = this.#parts;
    const sentAt = performance.now();
    const under = this.#together?.held ?? null;
    const by = { owner: member?.id ?? null, under: under?.epoch ?? null };
    const lane = await takeLane(this.engine, toOpen, by, seen);
    const done = await this.ask((withinMs) => readDoneTimes(this.engine, lane.number, withinMs));
    const opened = new PostgresLaneJournal({
      engine: this.engine,
      lane,
      done,
      member,
      under: under?.lease ?? null,
      sentAt,
      lastSeq: () => this.#lastSeq,
      now: this.#parts.now,
    });
    this.opened.add(opened);
    return opened;
  }

  async inherit(estate: Estate): Promise<Inheritance[]> {
    await this.opened.flush();
    const inheritances = await this.ask(() => inherit(this.engine, estate));
    this.#reader.begun();
    await this.ask((withinMs) => this.#look(withinMs));
    return inheritances;
  }

  async retain(policy: RetentionPolicy, now = this.#parts.now()): Promise<RetentionReport> {
    const { engine, size, log } = this.#parts;
    const report = await retain({ engine, size, log, reader: this.#reader }, policy, now);
    await this.ask((withinMs) => this.#look(withinMs));
    return report;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    try {
      // a database that is away is not waited for
      const flushed = this.opened.flush().catch(() => {});
      await Promise.race([flushed, wait(CLOSE_WITHIN_MS, undefined, { ref: false })]);
      this.opened.drop();
      await this.#follower.stop();
      await this.cluster?.close();
    } finally {
      await this.engine.close();
    }
  }

  protected ask<T>(question: (withinMs: number) => Promise<T>): Promise<T> {
    if (this.#closed) throw new CallsheetError("INTERNAL", "The journal was used after it had been closed.");
    return this.engine.patiently(question);
  }

  /** What others appended or removed. */
  async #look(withinMs: number): Promise<void> {
    const standing = await readStanding(this.engine, withinMs);
    if (!standing) return;
    while (this.#lastSeq < standing.lastSeq) {
      const afterSeq = this.#lastSeq;
      const events = await readEvents(this.engine, { afterSeq, limit: FOLLOW_PAGE, withinMs });
      // an append of our own may have come in between
      if (events.length === 0) break;
      if (this.#lastSeq === afterSeq) this.#take(events.at(-1)!.seq, events, standing);
    }
    this.#see(standing);
  }

  #take(lastSeq: number, events: readonly AppendedEvent[], standing: Standing): void {
    this.#keep(events);
    this.#see({ ...standing, lastSeq });
  }

  #keep(events: readonly AppendedEvent[]): void {
    for (const event of events) this.#recent.add(event);
    this.#parts.size.add(events);
  }

  #see(standing: Standing): void {
    const before = this.#lastSeq;
    if (standing.lastSeq < before) return;
    this.#standing = standing;
    this.#parts.size.removedTo(standing.removedSeq);
    this.#parts.size.grownTo(standing.lastSeq);
    if (standing.lastSeq > before) this.#waiting.grown(standing.lastSeq);
  }

  get #lastSeq(): number {
    return this.#standing?.lastSeq ?? 0;
  }

  get #removedSeq(): number {
    return this.#standing?.removedSeq ?? 0;
  }
}
