import type { Sequences } from "../store/sequences.ts";
import { EVENT_TYPE, type EventLog, type NewEvent } from "./log.ts";

/** Ids that were drawn earlier, for a transaction that commits late. */
export interface DrawnIds {
  first: number;
  count: number;
}

/**
 * Writes the events of one transaction. Each takes its id when it is written, that is before the commit; so a
 * rolled-back transaction leaves a gap in the ids (protocol notes 9.6).
 */
export class Recorder {
  readonly #log: EventLog;
  readonly #sequences: Sequences;
  readonly #drawn: DrawnIds | null;
  #count = 0;

  /** @param drawn used up first */
  constructor(log: EventLog, sequences: Sequences, drawn: DrawnIds | null = null) {
    this.#log = log;
    this.#sequences = sequences;
    this.#drawn = drawn;
  }

  /** Events written so far. */
  get count(): number {
    return this.#count;
  }

  /** Writes an event and returns its id. */
  record(event: NewEvent): number {
    const drawn = this.#drawn && this.#count < this.#drawn.count ? this.#drawn : null;
    const id = drawn ? drawn.first + this.#count : this.#sequences.draw(EVENT_TYPE);
    this.#count++;
    this.#log.insert(id, event);
    return id;
  }

  /** Keeps the event sequence over a restart. */
  save(): void {
    if (this.#count > 0) this.#sequences.save(EVENT_TYPE);
  }
}
