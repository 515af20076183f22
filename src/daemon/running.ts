/** One lane that runs, and how it ends. */
import { setTimeout as wait } from "node:timers/promises";
import type { LaneJournal } from "../journal/journal.ts";
import { isLocked } from "./cluster/locked.ts";
import { giveBack } from "./cluster/reading.ts";
import type { PluginFile } from "./host.ts";
import type { Lane } from "./lane.ts";

/** The next is asked to end so long after the one before, ms: the event that it goes on with has begun by then, as a rule. */
const LONGEST_TURN_MS = 100;

export interface RunningParts {
  lane: Lane;
  laneJournal: LaneJournal;
  /** Its lease was given back; its host may still be there. */
  onGiven: () => void;
  /** It has ended, however that came about. */
  onEnd: () => void;
  /** It has ended, though nobody had asked it to, since its lease is another's. */
  onLost: () => void;
  /** It met a broken journal. */
  onBroken: (error: unknown) => void;
}

export class Running {
  readonly lane: Lane;
  readonly laneJournal: LaneJournal;
  /** Looks in a row that did not find its file. */
  missed = 0;
  /** It is being handed over to another host. */
  leaving = false;
  readonly #stop = new AbortController();
  #retired = false;
  readonly #done: Promise<void>;
  readonly #onGiven: () => void;
  readonly #onEnd: () => void;

  constructor({ lane, laneJournal, onGiven, onEnd, onLost, onBroken }: RunningParts) {
    this.lane = lane;
    this.laneJournal = laneJournal;
    this.#onGiven = onGiven;
    this.#onEnd = onEnd;
    this.#done = lane
      // as soon as nothing more is called: the next host need not wait until this one is gone. That its file is gone is stored before
      .run(this.#stop.signal, async () => (this.#retired ? undefined : this.#giveBack()))
      .then(() => {
        if (this.#stop.signal.aborted || !laneJournal.lease?.ended) return;
        onEnd();
        onLost();
      }, onBroken);
  }

  get file(): PluginFile {
    return this.lane.file;
  }

  /** The event in hand is finished, the lease given back, and the host gone; also of one that was retired, and that waits to be stored. */
  async end(): Promise<void> {
    await this.#ended();
    await this.#giveBack();
    this.#onEnd();
  }

  /** Whether it was to be retired; it may not have been stored yet. */
  get retired(): boolean {
    return this.#retired;
  }

  /** The same of one whose file is gone for good. @throws STATE_FULL: to be called again */
  async retire(): Promise<void> {
    const { lane, laneJournal } = this;
    const { lease } = laneJournal;
    this.#retired = true;
    await this.#ended();
    try {
      if (!lease?.ended) await laneJournal.setState("absent", lane.status().failure);
    } catch (error) {
      // another daemon of the cluster has it by now, and sees by itself whether its file is there
      if (!lease || !isLocked(error)) throw error;
    }
    if (lease) await giveBack(lease);
    this.#onEnd();
  }

  async #giveBack(): Promise<void> {
    const { lease } = this.laneJournal;
    if (lease) await giveBack(lease);
    this.#onGiven();
  }

  async #ended(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

/**
 * One after the other, so that each stands still for as short as can be, though all share the processors of a machine. One whose event in
 * hand takes its time is not waited for.
 * @param withinMs all have been asked by then
 */
export async function endInTurn(all: readonly Running[], withinMs: number): Promise<void> {
  const turnMs = Math.min(LONGEST_TURN_MS, withinMs / all.length);
  await Promise.all(all.map((running, i) => wait(turnMs * i).then(() => running.end())));
}
