/** One lane that runs, and how it ends. */
import type { LaneJournal } from "../journal/journal.ts";
import { giveBack } from "./cluster/reading.ts";
import type { PluginFile } from "./host.ts";
import type { Lane } from "./lane.ts";

export interface RunningParts {
  lane: Lane;
  laneJournal: LaneJournal;
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
  readonly #done: Promise<void>;
  readonly #onEnd: () => void;

  constructor({ lane, laneJournal, onEnd, onLost, onBroken }: RunningParts) {
    this.lane = lane;
    this.laneJournal = laneJournal;
    this.#onEnd = onEnd;
    this.#done = lane.run(this.#stop.signal).then(() => {
      if (this.#stop.signal.aborted || !laneJournal.lease?.ended) return;
      onEnd();
      onLost();
    }, onBroken);
  }

  get file(): PluginFile {
    return this.lane.file;
  }

  /** The event in hand is finished, and the lease given back. */
  async end(): Promise<void> {
    const { lease } = this.laneJournal;
    await this.#ended();
    if (lease) await giveBack(lease);
    this.#onEnd();
  }

  /** The same of one whose file is gone for good. */
  async retire(): Promise<void> {
    const { lane, laneJournal } = this;
    await this.#ended();
    this.#onEnd();
    if (laneJournal.lease?.ended) return;
    await laneJournal.setState("absent", lane.status().failure);
    if (laneJournal.lease) await giveBack(laneJournal.lease);
  }

  async #ended(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
