/** What a journal on PostgreSQL is asked of what was: looked up in the database, whoever stored it. */
import type { WireEvent } from "../../event.ts";
import type { DoneBetween } from "../done-times.ts";
import type { Journal, LaneRecord, LedgerAnswer, OperatorAction, RecordedGroup } from "../journal.ts";
import { whenDone } from "./done.ts";
import type { Engine } from "./engine.ts";
import { type Lane, recordOf } from "./lane-rows.ts";
import { readLanes } from "./lanes.ts";
import { answers, failureGroups } from "./ledger.ts";
import { OpenedLanes } from "./opened-lanes.ts";
import { nextAction, readActions, recordAction } from "./operators.ts";
import { findEvents, neverRanges, newestById } from "./read.ts";

type Answered =
  | ("find" | "newestById" | "lanes" | "ledger" | "ledgers" | "whenDone")
  | ("failureGroups" | "neverRanges" | "recordAction" | "actions");

export abstract class PostgresAnswers implements Pick<Journal, Answered> {
  protected readonly engine: Engine;
  protected readonly opened = new OpenedLanes();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** Waits for a database that is away. @throws INTERNAL after the journal was closed */
  protected abstract ask<T>(question: () => Promise<T>): Promise<T>;

  async find(eventId: number): Promise<{ seq: number; generation: number; event: WireEvent } | null> {
    const found = await this.ask(() => findEvents(this.engine, [eventId]));
    return found.get(eventId) ?? null;
  }

  async newestById(
    generation: number,
    maxId: number,
    limit: number,
  ): Promise<{ id: number; event: WireEvent }[]> {
    return this.ask(() => newestById(this.engine, generation, maxId, limit));
  }

  async lanes(): Promise<LaneRecord[]> {
    return (await this.#lanes()).map(recordOf);
  }

  async ledger(eventId: number): Promise<LedgerAnswer[]> {
    return (await this.ledgers([eventId])).get(eventId)!;
  }

  async ledgers(eventIds: readonly number[]): Promise<Map<number, LedgerAnswer[]>> {
    const lanes = await this.#lanes();
    return this.ask(() => answers(this.engine.aside, lanes, eventIds));
  }

  async whenDone({ seq }: { seq: number }): Promise<Map<string, DoneBetween>> {
    const fresh = this.opened.freshTimes();
    const lanes = (await this.#lanes()).filter(({ cursor }) => cursor >= seq);
    const numbers = lanes.map(({ number }) => number);
    const times = await this.ask(() => whenDone(this.engine.aside, seq, numbers, fresh));
    return new Map(lanes.map(({ id, number }) => [id, times.get(number)!]));
  }

  async failureGroups(limit: number): Promise<RecordedGroup[]> {
    return this.ask(() => failureGroups(this.engine.aside, limit));
  }

  async neverRanges(limit: number): Promise<{ generation: number; first: number; last: number }[]> {
    return this.ask(() => neverRanges(this.engine.aside, limit));
  }

  async recordAction(action: OperatorAction): Promise<void> {
    const number = await this.ask(() => nextAction(this.engine));
    await this.ask(() => recordAction(this.engine, number, action));
  }

  async actions(limit: number): Promise<OperatorAction[]> {
    return this.ask(() => readActions(this.engine.aside, limit));
  }

  #lanes(): Promise<Lane[]> {
    return this.ask(async () => this.opened.asTheyAre(await readLanes(this.engine)));
  }
}
