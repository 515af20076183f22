/** One replay while it runs in one host. */
import { stringifyExact } from "../../../json.ts";
import type { Cursor, SlotTicket } from "../../journal.ts";
import type { ReplayCounts, ReplayFailure, ReplayJournal } from "../../replays.ts";
import { type ReplayPlace, replaySlot } from "./place.ts";
import type { ReplayRows } from "./rows.ts";

export class SqliteReplayJournal implements ReplayJournal {
  readonly slot: SlotTicket;
  readonly #id: number;
  readonly #rows: ReplayRows;

  constructor(rows: ReplayRows, id: number, epoch: number) {
    this.#rows = rows;
    this.#id = id;
    this.slot = { file: replaySlot(rows.slots, id, epoch), epoch };
  }

  async cursor(): Promise<Cursor> {
    const { cursor, begun } = this.#place();
    return { seq: cursor, begun: begun && { seq: begun.event, finished: begun.finished } };
  }

  async counts(): Promise<ReplayCounts> {
    return this.#rows.counts(this.#id, this.#place());
  }

  async register(callbackKeys: readonly string[]): Promise<void> {
    this.#rows.run(() => this.#rows.register.run(JSON.stringify(callbackKeys), this.#id));
  }

  async handOver(matched: readonly { eventId: number; seen: number }[]): Promise<void> {
    this.#rows.transaction(() => {
      for (const { eventId, seen } of matched) this.#rows.give.run(this.#id, eventId, seen);
    });
  }

  async advance({ eventId, seen }: { eventId: number; seen: number }): Promise<void> {
    this.#rows.run(() => this.#rows.advance.run(eventId, seen, this.#id, eventId));
  }

  async record({ kind, failure }: ReplayFailure): Promise<void> {
    this.#rows.run(() => this.#rows.fail.run(this.#id, failure.eventId, kind, JSON.stringify(failure)));
  }

  async keepWrite(eventId: number, write: object): Promise<void> {
    this.#rows.run(() => this.#rows.catch.run(this.#id, eventId, stringifyExact(write)));
  }

  #place(): ReplayPlace {
    return this.#rows.place(this.#rows.row(this.#id)!);
  }
}
