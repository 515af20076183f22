/** Lanes that are on their way to be open: their records are found, their files held against what they ran with, their leases taken. */
import { CallsheetError } from "../errors.ts";
import type { LaneRecord } from "../journal/journal.ts";
import { isLocked } from "./cluster/locked.ts";
import type { FleetOptions } from "./fleet-options.ts";
import type { PluginFile } from "./host.ts";

export interface OpeningParts extends FleetOptions {
  /** Opens the lane of a file and runs it. `records`: as of `LaneToStart`; `found`: paths of all plugin files. */
  add(file: PluginFile, found: ReadonlySet<string>, records: LaneRecord[]): Promise<void>;
}

export class Opening {
  readonly #parts: OpeningParts;
  /** Path → until it is over. */
  readonly #under = new Map<string, Promise<void>>();

  constructor(parts: OpeningParts) {
    this.#parts = parts;
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
    return this.during(due, this.#openAll(due, new Set(files.map(({ path }) => path))));
  }

  async #openAll(due: readonly PluginFile[], found: ReadonlySet<string>): Promise<void> {
    const { allotment, journal, order } = this.#parts;
    // where the order is strict, those after one wait while it is not open yet
    const places = due.map((file) => ({ file, active: true, doneSeq: 0 }));
    for (const place of places) order.add(place);
    try {
      // a lane that the cluster knows by its path is opened without a further question
      const areKnown = due.every(({ path }) => allotment?.leaseOf(path));
      const records = areKnown ? [] : await journal.lanes();
      await Promise.all(
        places.map(async (place) => {
          if (await this.#isFit(place.file)) await this.#addOrWait(place.file, found, records);
          order.remove(place);
        }),
      );
    } finally {
      for (const place of places) order.remove(place);
    }
  }

  async #isFit(file: PluginFile): Promise<boolean> {
    const { allotment, handOver } = this.#parts;
    return !allotment || (await handOver?.isReadyFor(file)) || allotment.isFit(file);
  }

  /** On a full disk a new plugin waits for the next look; those that run go on. */
  async #addOrWait(file: PluginFile, found: ReadonlySet<string>, records: LaneRecord[]): Promise<void> {
    const { allotment, log, add } = this.#parts;
    try {
      await add(file, found, records);
    } catch (error) {
      // another daemon of the cluster was faster
      if (allotment && isLocked(error)) return;
      if (!(error instanceof CallsheetError) || error.code !== "STATE_FULL") throw error;
      const message = `${file.name} cannot be started: ${error.message} It is tried again.`;
      log.critical(message, { plugin: file.name, code: error.code });
    }
  }
}
