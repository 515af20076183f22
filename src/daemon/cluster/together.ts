/**
 * All plugins on one host, where an order across plugins needs all their places: a daemon opens lanes only while it has the lease of all of
 * them, and gives that back when it runs none.
 */
import type { Cluster, Lease } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { AtNextLook } from "../disk-full.ts";
import { isLocked } from "./locked.ts";
import { giveBack } from "./reading.ts";

export interface TogetherParts {
  cluster: Cluster;
  log: Log;
}

export class Together {
  readonly #parts: TogetherParts;
  readonly #atNextLook: AtNextLook;
  #lease: Lease | null = null;
  /** It is being taken, or given back. */
  #changing: Promise<void> | null = null;
  #handingOver = false;

  constructor(parts: TogetherParts) {
    this.#parts = parts;
    this.#atNextLook = new AtNextLook(parts.log);
  }

  /** Whether lanes may be opened on this host: it has the lease, and what was seen of them is since then. */
  get isHere(): boolean {
    const { view, self } = this.#parts.cluster;
    if (!this.#has || this.#changing || this.#handingOver) return false;
    return view?.together?.owner === self.id && !view.together.free;
  }

  /** Whether it may be taken, as of the last look. */
  get isFree(): boolean {
    const { view } = this.#parts.cluster;
    if (!view || this.#has || this.#changing) return false;
    return (view.together?.free ?? true) && !this.isElsewhere;
  }

  /** Whether another host has a lane: one of the version before, which knows of no lease of all, may have. */
  get isElsewhere(): boolean {
    const { view, self } = this.#parts.cluster;
    return view?.lanes.some(({ free, owner }) => !free && owner !== self.id) ?? false;
  }

  /**
   * Before lanes are opened, or none need be.
   * @param due how many are to be opened
   * @param isEmpty whether this host has no lane, nor is about to
   * @param took told from how many lanes another host has died, or frozen
   * @returns null when they may be opened; else they are to be looked at again, this having been resolved or not. Rejects with STATE_*
   */
  before(due: number, isEmpty: boolean, took: (lanes: number) => void): Promise<void> | null {
    if (this.isHere && due > 0) return null;
    // also one that was to be given back already, and could not be while a lane took its time
    if (isEmpty && (this.isHere || this.#handingOver)) return this.#giveBack();
    if (due === 0 || !isEmpty || !this.isFree) return Promise.resolve();
    return this.#change(() => this.#take(took));
  }

  /** All that it has goes to another host: nothing is opened any more. */
  handOver(): void {
    this.#handingOver = true;
  }

  /** This host has no lane any more. The next need not wait until the plugins' hosts are gone. @param isOver nor will it have one */
  async emptied(isOver: boolean): Promise<void> {
    if (isOver || this.#handingOver) await this.#giveBack();
  }

  get #has(): boolean {
    return this.#lease?.ended === false;
  }

  async #take(took: (lanes: number) => void): Promise<void> {
    const { cluster, log } = this.#parts;
    const seen = cluster.view!;
    try {
      const taken = await this.#atNextLook.done("The plugins cannot be started", async () => {
        this.#lease = await cluster.openTogether(seen);
      });
      if (!taken) return;
    } catch (error) {
      // another was faster
      if (isLocked(error)) return;
      throw error;
    }
    this.#handingOver = false;
    took(seen.lanes.filter(({ owner }) => owner !== null && owner !== cluster.self.id).length);
    log.info("all plugins run on this host from now on, since their order is strict");
  }

  async #giveBack(): Promise<void> {
    await this.#changing?.catch(() => {});
    await this.#change(async () => {
      // while a database that is slow has not answered, nothing is opened by it either
      this.#handingOver = true;
      if (this.#has) await giveBack(this.#lease!);
      this.#handingOver = this.#has;
    });
  }

  #change(work: () => Promise<void>): Promise<void> {
    this.#changing ??= work().finally(() => {
      this.#changing = null;
    });
    return this.#changing;
  }
}
