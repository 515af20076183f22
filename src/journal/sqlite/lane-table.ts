/** All lanes in memory, written through to `lanes.sqlite`. */
import type { DoneMark } from "../done-times.ts";
import type { ReaderState } from "../journal.ts";
import { Commits } from "./commits.ts";
import type { Database } from "./database.ts";
import { DoneEvents } from "./done.ts";
import { HandedEvents } from "./hand-over.ts";
import { type Lane, laneWriter, readLanes, versionReader } from "./lane-rows.ts";
import { type Mark, Marks } from "./marks.ts";
import { Operators } from "./operators.ts";

export class LaneTable {
  readonly database: Database;
  readonly commits: Commits;
  readonly handed: HandedEvents;
  readonly operators: Operators;
  readonly done: DoneEvents;
  readonly #lanes: Map<string, Lane>;
  readonly #store: (lane: Lane) => void;
  readonly #storedVersion: (lane: Lane) => number | null;
  readonly #marks: Marks;
  readonly #markNow: () => Mark | null;
  /** Lanes that moved in memory only. */
  readonly #moved = new Set<Lane>();
  /** As they were before the transaction under way. */
  readonly #before = new Map<Lane, Lane>();
  /** The last that the transaction under way stored. */
  #stored: Lane | null = null;

  /** @param markNow where the reader stands */
  constructor(database: Database, markNow: () => Mark | null) {
    this.database = database;
    this.#lanes = readLanes(database);
    this.#store = laneWriter(database);
    this.#storedVersion = versionReader(database);
    this.#marks = new Marks(database);
    this.#markNow = markNow;
    this.handed = new HandedEvents(database);
    this.operators = new Operators(database);
    this.done = new DoneEvents(database);
    this.commits = new Commits(database, {
      also: () => this.#also(),
      committed: () => this.#committed(),
      isDone: () => this.#stored !== null && this.#storedVersion(this.#stored) === this.#stored.version,
      failed: () => this.#failed(),
    });
  }

  get(id: string): Lane | undefined {
    return this.#lanes.get(id);
  }

  all(): Lane[] {
    return [...this.#lanes.values()];
  }

  /** Stores a lane that is not there yet, and gives it its number. */
  async add(lane: Lane): Promise<Lane> {
    lane.number = Math.max(0, ...this.all().map(({ number }) => number)) + 1;
    // known from now on, so that its number and id are not given out again meanwhile
    this.#lanes.set(lane.id, lane);
    try {
      await this.commits.add(() => this.#write(lane), { fsync: true });
    } catch (error) {
      this.#lanes.delete(lane.id);
      throw error;
    }
    return lane;
  }

  /** `mutate` is applied, and stored, together with other changes of this turn; taken back when that fails. */
  change(lane: Lane, mutate: (lane: Lane) => void, options?: { fsync: boolean }): Promise<void> {
    return this.commits.add(() => {
      if (!this.#before.has(lane)) this.#before.set(lane, { ...lane });
      mutate(lane);
      this.#write(lane);
    }, options);
  }

  /** Moves the cursor now, in memory, and stores it when something else is stored, or soon. */
  move(lane: Lane, toSeq: number): void {
    lane.cursor = toSeq;
    lane.begun = false;
    lane.finished = [];
    this.#moved.add(lane);
    this.commits.lazily();
  }

  /** Kept with what is stored next, or soon. */
  reached(lane: Lane, mark: DoneMark): void {
    if (this.done.reached(lane.number, mark)) this.commits.lazily();
  }

  /** Stores all that is not stored yet. */
  flush(): void {
    if (this.done.rest()) this.commits.lazily();
    this.commits.flush();
    this.commits.stop();
  }

  /** Stores where the reader stood when the journal began. */
  async begin(reader: ReaderState): Promise<void> {
    await this.commits.add(() => this.#marks.write({ seq: 0, reader }, 0), { fsync: true });
  }

  /** Where the reader began, if that is still kept. */
  beginning(): ReaderState | null {
    return this.#marks.at(0);
  }

  #write(lane: Lane): void {
    this.#store(lane);
    this.#stored = lane;
  }

  #also(): void {
    for (const lane of this.#moved) this.#write(lane);
    this.done.write();
    const mark = this.#markNow();
    if (!mark || !this.#marks.due(mark.seq)) return;
    this.#marks.write(mark, Math.min(mark.seq, ...this.all().map(({ cursor }) => cursor)));
  }

  #committed(): void {
    this.#before.clear();
    this.#stored = null;
    this.#moved.clear();
    this.done.written();
  }

  #failed(): void {
    for (const [lane, before] of this.#before) Object.assign(lane, before);
    this.#before.clear();
    this.#stored = null;
    this.#marks.forget();
    this.handed.forget();
    this.done.forget();
  }
}
