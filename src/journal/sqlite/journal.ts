/** The journal on SQLite: two databases and a folder of slots, for one writer. */
import { basename } from "node:path";
import type { WireEvent } from "../../event.ts";
import type { Log } from "../../log/log.ts";
import type { DoneBetween } from "../done-times.ts";
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
  LaneRecord,
  LaneToOpen,
  LedgerAnswer,
  OperatorAction,
  ReaderState,
  RecordedGroup,
  RetentionPolicy,
  RetentionReport,
} from "../journal.ts";
import { Waiting } from "../waiting.ts";
import { beforeAll, beginning } from "./append.ts";
import { Appends } from "./appends.ts";
import { eventsById } from "./by-id.ts";
import { cursorOf } from "./cursor.ts";
import type { Database } from "./database.ts";
import { EventPages } from "./event-pages.ts";
import { type StateFolder, slotFile } from "./folder.ts";
import { inherit } from "./inherit.ts";
import { SqliteLaneJournal } from "./lane-journal.ts";
import type { Lane } from "./lane-rows.ts";
import { LaneTable } from "./lane-table.ts";
import { Ledger } from "./ledger.ts";
import type { StateLock } from "./lock.ts";
import { LogSync } from "./log-sync.ts";
import { openLane } from "./open-lane.ts";
import {
  eventFinder,
  type FoundEvent,
  idBounds,
  neverFinder,
  neverRangesReader,
  newestReader,
} from "./read.ts";
import { Retention } from "./retain.ts";

export interface JournalParts {
  folder: StateFolder;
  lock: StateLock;
  journal: Database;
  lanes: Database;
  log: Log | null;
  now: () => Date;
  /** Memory for recent events, bytes. */
  cacheBytes: number;
}

const EMPTY: JournalPage = { entries: [], bytes: new Uint8Array(0) };

export class SqliteJournal implements Journal {
  readonly byId: EventsById;
  readonly cluster = null;
  readonly #parts: JournalParts;
  readonly #pages: EventPages;
  readonly #waiting = new Waiting();
  readonly #lanes: LaneTable;
  readonly #ledger: Ledger;
  readonly #retention: Retention;
  readonly #sync: LogSync;
  readonly #appends: Appends;
  readonly #find;
  readonly #newest;
  readonly #never;
  readonly #neverNewest;
  readonly #pageCount;
  #closed: Promise<void> | null = null;

  constructor(parts: JournalParts) {
    const { journal, lanes, cacheBytes } = parts;
    this.#parts = parts;
    this.byId = eventsById(journal);
    // who appends waits for the fsync, and nothing else does
    journal.synchronous("NORMAL");
    this.#sync = new LogSync(journal.file);
    this.#appends = new Appends(journal, () => this.#sync.done());
    this.#pages = new EventPages(journal, cacheBytes);
    this.#find = eventFinder(journal);
    this.#newest = newestReader(journal);
    this.#never = neverFinder(journal);
    this.#neverNewest = neverRangesReader(journal);
    this.#pageCount = journal.prepare(
      "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
    );
    this.#lanes = new LaneTable(
      lanes,
      () => this.#appends.standing && { seq: this.#lastSeq, reader: this.#appends.standing.reader },
    );
    const begun = this.#appends.standing === null && this.#lanes.beginning();
    // killed between the lanes' part of a beginning and the journal's
    if (begun) this.#appends.begin(beginning(begun), parts.now());
    this.#ledger = new Ledger(journal, this.#lanes);
    this.#retention = new Retention({
      journal,
      lanes: this.#lanes,
      log: parts.log,
      cursor: (lane) => this.#cursor(lane).seq,
      standing: () => this.#appends.written,
      removed: (standing) => this.#appends.removed(standing),
    });
  }

  get head(): JournalHead {
    const pageCount = this.#pageCount;
    const { journal } = this.#parts;
    return {
      firstSeq: this.#removedSeq + 1,
      lastSeq: this.#lastSeq,
      get bytes() {
        return journal.run(() => pageCount.get()!.bytes as number);
      },
    };
  }

  async readerState(): Promise<ReaderState | null> {
    const { standing } = this.#appends;
    return standing && structuredClone(standing.reader);
  }

  async append(batch: AppendBatch): Promise<AppendResult> {
    if (!this.#appends.written) await this.#lanes.begin(beforeAll(batch));
    const { standing, events, repeated } = await this.#appends.append(batch, this.#parts.now());
    this.#pages.add(events);
    if (events.length > 0) this.#waiting.grown(standing.lastSeq);
    return { firstSeq: standing.lastSeq - events.length + 1, lastSeq: standing.lastSeq, repeated };
  }

  async read(afterSeq: number, limit: number): Promise<JournalPage> {
    const after = Math.max(afterSeq, this.#removedSeq);
    if (after >= this.#lastSeq) return EMPTY;
    return this.#pages.read(after, limit, this.#lastSeq);
  }

  async find(eventId: number): Promise<FoundEvent | null> {
    return this.#find(eventId);
  }

  async appended(afterSeq: number, signal: AbortSignal): Promise<void> {
    if (this.#lastEvent() <= afterSeq) await this.#waiting.until(Math.max(afterSeq, this.#lastSeq), signal);
  }

  async newestById(
    generation: number,
    maxId: number,
    limit: number,
  ): Promise<{ id: number; event: WireEvent }[]> {
    return this.#newest(generation, maxId, limit);
  }

  async neverHappened(id: number): Promise<boolean> {
    const { standing } = this.#appends;
    return standing !== null && this.#never(standing.reader.generation, id);
  }

  async lanes(): Promise<LaneRecord[]> {
    return this.#lanes.all().map((lane) => ({
      id: lane.id,
      path: lane.path,
      name: lane.name,
      state: lane.state,
      cursor: this.#cursor(lane),
      failure: lane.failure,
      startSeq: lane.startSeq,
      epoch: lane.epoch,
      paused: this.#lanes.operators.paused(lane.number),
    }));
  }

  async openLane(toOpen: LaneToOpen): Promise<LaneJournal> {
    const file = slotFile(this.#parts.folder, toOpen.id);
    const lane = await openLane(this.#lanes, toOpen, file, this.#lastSeq);
    return new SqliteLaneJournal({
      lane,
      table: this.#lanes,
      slotFile: file,
      lastSeq: () => this.#lastSeq,
      now: this.#parts.now,
    });
  }

  async inherit(estate: Estate): Promise<Inheritance[]> {
    const { folder, journal } = this.#parts;
    const { standing } = this.#appends;
    const inheritances = await inherit(estate, {
      table: this.#lanes,
      standing,
      slotFile: (id) => slotFile(folder, id),
      cursor: (lane) => this.#cursor(lane).seq,
      ids: idBounds(journal),
    });
    if (!standing) await this.append(beginning(this.#lanes.beginning()!));
    return inheritances;
  }

  async retain(policy: RetentionPolicy, now = this.#parts.now()): Promise<RetentionReport> {
    return this.#retention.run(policy, now);
  }

  async ledger(eventId: number): Promise<LedgerAnswer[]> {
    return (await this.ledgers([eventId])).get(eventId)!;
  }

  async ledgers(eventIds: readonly number[]): Promise<Map<number, LedgerAnswer[]>> {
    const cursors = new Map(this.#lanes.all().map((lane) => [lane, this.#cursor(lane)]));
    return new Map(eventIds.map((id) => [id, this.#ledger.answer(id, this.#find(id), cursors)]));
  }

  async whenDone({ seq }: { seq: number }): Promise<Map<string, DoneBetween>> {
    const done = this.#lanes.all().filter((lane) => this.#cursor(lane).seq >= seq);
    return this.#ledger.whenDone(seq, done, ({ id }) => slotFile(this.#parts.folder, id));
  }

  async failureGroups(limit: number): Promise<RecordedGroup[]> {
    return this.#ledger.failureGroups(limit);
  }

  async neverRanges(limit: number): Promise<{ generation: number; first: number; last: number }[]> {
    return this.#neverNewest(limit);
  }

  async recordAction(action: OperatorAction): Promise<void> {
    await this.#lanes.commits.add(() => this.#lanes.operators.record(action), { fsync: true });
  }

  async actions(limit: number): Promise<OperatorAction[]> {
    return this.#lanes.operators.actions(limit);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { journal, lanes, lock } = this.#parts;
    const closed: string[] = [];
    try {
      await this.#retention.stop();
      this.#lanes.flush();
      await this.#sync.close();
      lock.announceClosing([lanes.file, journal.file]);
      for (const database of [lanes, journal]) {
        database.close();
        closed.push(basename(database.file));
      }
    } finally {
      lock.release(closed);
    }
  }

  /** The last seq that there is an event for; 0 when there is none. */
  #lastEvent(): number {
    const last = this.#pages.lastBefore(this.#lastSeq);
    return last > this.#removedSeq ? last : 0;
  }

  get #lastSeq(): number {
    return this.#appends.standing?.lastSeq ?? 0;
  }

  get #removedSeq(): number {
    return this.#appends.standing?.removedSeq ?? 0;
  }

  #cursor(lane: Lane): LaneRecord["cursor"] {
    return cursorOf(lane, slotFile(this.#parts.folder, lane.id), this.#lastSeq);
  }
}
