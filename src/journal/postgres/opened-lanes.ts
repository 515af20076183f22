/** The lanes that this daemon has opened. */
import type { DoneTimes } from "../done-times.ts";
import type { PostgresLaneJournal } from "./lane-journal.ts";
import type { Lane } from "./lane-rows.ts";

export class OpenedLanes {
  readonly #opened = new Set<PostgresLaneJournal>();

  /** In place of one of the same lane. */
  add(lane: PostgresLaneJournal): void {
    for (const before of this.#opened) if (before.id === lane.id) this.#opened.delete(before);
    this.#opened.add(lane);
  }

  holds(id: string): boolean {
    return [...this.#opened].some((lane) => lane.id === id && lane.lease?.ended === false);
  }

  /** Those of ours as they are, since a move is stored a little later. */
  asTheyAre(stored: readonly Lane[]): Lane[] {
    const own = new Map([...this.#opened].map((opened) => [`${opened.id} ${opened.epoch}`, opened]));
    return stored.map((lane) => own.get(`${lane.id} ${lane.epoch}`)?.current ?? lane);
  }

  /** By the lane's number: what is not stored yet of when it was done with its events. */
  freshTimes(): Map<number, DoneTimes["fresh"]> {
    return new Map(this.#own().map(({ doneTimes: { lane, fresh } }) => [lane, fresh]));
  }

  async flush(): Promise<void> {
    await Promise.all(this.#own().map((lane) => lane.flush()));
  }

  drop(): void {
    for (const lane of this.#opened) lane.drop();
  }

  #own(): PostgresLaneJournal[] {
    return [...this.#opened].filter(({ current }) => current !== null);
  }
}
