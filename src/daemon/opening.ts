/** Lanes that are on their way to be open: their records are found, their files held against what they ran with, their leases taken. */
import type { LaneRecord } from "../journal/journal.ts";
import { isLocked } from "./cluster/locked.ts";
import { AtNextLook } from "./disk-full.ts";
import type { FleetOptions } from "./fleet-options.ts";
import type { PluginFile } from "./host.ts";
import type { OrderedLane } from "./order.ts";

export interface OpeningParts extends FleetOptions {
  /** Opens the lane of a file and runs it. */
  add(file: PluginFile, known: Known): Promise<void>;
}

/** What was known of all plugins when some were to be opened. */
export interface Known {
  /** Paths of all plugin files. */
  found: ReadonlySet<string>;
  /** As of `LaneToStart`. */
  records: LaneRecord[];
  startSeq: number;
}

export class Opening {
  readonly #parts: OpeningParts;
  /** Path → until it is over. */
  readonly #under = new Map<string, Promise<void>>();
  /** Path → the place in a strict order of one that could not be opened yet. */
  readonly #waited = new Map<string, OrderedLane>();

  readonly #atNextLook: AtNextLook;

  constructor(parts: OpeningParts) {
    this.#parts = parts;
    this.#atNextLook = new AtNextLook(parts.log);
  }

  has({ path }: PluginFile): boolean {
    return this.#under.has(path);
  }

  get none(): boolean {
    return this.#under.size === 0;
  }

  /** Until all that are under way are over, however they end. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#under.values());
  }

  /** No lane of these is opened before `work` is over; settles as that does. */
  during(files: readonly PluginFile[], work: Promise<void>): Promise<void> {
    const done = work.finally(() => {
      for (const { path } of files) this.#under.delete(path);
    });
    for (const { path } of files) this.#under.set(path, done);
    return done;
  }

  /** Resolves when those are open that can be. @param files all plugin files */
  open(due: readonly PluginFile[], files: readonly PluginFile[]): Promise<void> {
    // where the order is strict, those after one wait while it is not open yet
    for (const file of due) this.#wait({ file, active: true, doneSeq: 0 });
    return this.during(due, this.#openAll(due, files));
  }

  /** Nobody waits any longer for those that this host is not to open after all. To be called at each look. @param files all plugin files */
  async letGo(files: readonly PluginFile[]): Promise<void> {
    const { allotment } = this.#parts;
    for (const [path, { file }] of [...this.#waited]) {
      if (this.has(file)) continue;
      const isThere = files.some((one) => one.path === path);
      const isForUs = isThere && allotment?.waitsFor(path) === null && (await this.#isFit(file));
      if (!isForUs) this.#waitNoLonger(path);
    }
  }

  async #openAll(due: readonly PluginFile[], files: readonly PluginFile[]): Promise<void> {
    const { allotment, journal } = this.#parts;
    if (due.length === 0) return;
    // what is read while the lanes are asked for is for the new ones, too
    const startSeq = journal.head.lastSeq;
    const found = new Set(files.map(({ path }) => path));
    // a lane that the cluster knows by its path is opened without a further question
    const areKnown = due.every(({ path }) => allotment?.leaseOf(path));
    const records = areKnown ? [] : await journal.lanes();
    await Promise.all(
      due.map(async (file) => {
        const isOver =
          !(await this.#isFit(file)) || (await this.#addOrWait(file, { found, records, startSeq }));
        if (isOver) this.#waitNoLonger(file.path);
      }),
    );
  }

  #wait(place: OrderedLane): void {
    const before = this.#waited.get(place.file.path);
    this.#parts.order.add(place);
    if (before) this.#parts.order.remove(before);
    this.#waited.set(place.file.path, place);
  }

  #waitNoLonger(path: string): void {
    const place = this.#waited.get(path);
    if (!place) return;
    this.#waited.delete(path);
    this.#parts.order.remove(place);
  }

  async #isFit(file: PluginFile): Promise<boolean> {
    const { allotment, handOver } = this.#parts;
    return !allotment || (await handOver?.isReadyFor(file)) || allotment.isFit(file);
  }

  /**
   * On a full disk a new plugin waits for the next look; those that run go on.
   * @returns false when it was not opened and may be this host's all the same: an answer may have been lost
   */
  async #addOrWait(file: PluginFile, known: Known): Promise<boolean> {
    const { allotment, add } = this.#parts;
    const { name } = file;
    try {
      await this.#atNextLook.done(`${name} cannot be started`, () => add(file, known), { plugin: name });
      return true;
    } catch (error) {
      // another daemon of the cluster was faster
      if (allotment && isLocked(error)) return false;
      throw error;
    }
  }
}
