/**
 * Who may go how far. With `order: "independent"` every lane goes as far as the journal. With `"strict"` an event reaches
 * a plugin only after the active plugins before it, by folder in configuration order and then by file name in byte
 * order, are done with it: a lane's limit is the lowest cursor of the active lanes before it.
 */
import type { PluginFile } from "./host.ts";
import { Bell } from "./pause.ts";

/** What the order needs to know of a lane. */
export interface OrderedLane {
  readonly file: PluginFile;
  /** Failed, absent and unloadable lanes are not waited for. */
  readonly active: boolean;
  /** Last seq it is done with. */
  readonly doneSeq: number;
}

export interface Order {
  add(lane: OrderedLane): void;
  remove(lane: OrderedLane): void;
  /** The highest seq this lane may be handed now. */
  limit(lane: OrderedLane): number;
  /** A lane moved on, or became active or inactive. */
  moved(): void;
  /** Resolves when limits may have changed, or at an abort. */
  change(signal: AbortSignal): Promise<void>;
}

export function openOrder(order: "independent" | "strict"): Order {
  return order === "strict" ? new StrictOrder() : independentOrder;
}

const independentOrder: Order = {
  add() {},
  remove() {},
  limit: () => Number.POSITIVE_INFINITY,
  moved() {},
  change: async () => {},
};

class StrictOrder implements Order {
  #lanes: OrderedLane[] = [];
  readonly #bell = new Bell();

  add(lane: OrderedLane): void {
    this.#lanes.push(lane);
    this.#lanes.sort((a, b) => a.file.folder - b.file.folder || compareNames(a.file.path, b.file.path));
    this.moved();
  }

  remove(lane: OrderedLane): void {
    this.#lanes = this.#lanes.filter((other) => other !== lane);
    this.moved();
  }

  limit(lane: OrderedLane): number {
    let limit = Number.POSITIVE_INFINITY;
    for (const before of this.#lanes) {
      if (before === lane) break;
      if (before.active) limit = Math.min(limit, before.doneSeq);
    }
    return limit;
  }

  moved(): void {
    this.#bell.wake();
  }

  change(signal: AbortSignal): Promise<void> {
    return this.#bell.wait(signal);
  }
}

function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
