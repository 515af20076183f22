/** One lane, for the owner of its lease. */
import { CallsheetError } from "../../errors.ts";
import { type DoneMark, DoneTimes } from "../done-times.ts";
import { hadBefore } from "../inherited.ts";
import type {
  Cursor,
  DeedRecord,
  LaneFailure,
  LaneJournal,
  LaneState,
  LaneStep,
  Lease,
  OperatorNote,
  PluginCopy,
} from "../journal.ts";
import { BothLeases } from "./both-leases.ts";
import { writeCopy } from "./copies.ts";
import { readDoneChunk, replaceDoneAfter } from "./done.ts";
import type { Engine, Session } from "./engine.ts";
import { type Chunk, chunkOf, loadChunk, mark } from "./handed.ts";
import { HeldLease } from "./held-lease.ts";
import { movedTo, moveTo, progress } from "./lane-place.ts";
import { cursorOf, type Lane } from "./lane-rows.ts";
import type { Beside } from "./lane-write.ts";
import { LaneWriter, type Tenure } from "./lane-writer.ts";
import { type Membership, wentBack } from "./membership.ts";
import { forgetAfter, passOver, storeRecord } from "./operators.ts";

export interface LaneJournalParts {
  engine: Engine;
  lane: Lane;
  /** null: it belongs to no cluster, and its lease does not end by itself. */
  member: Membership | null;
  /** The lease of all lanes, by which it was opened; null: it was opened by its own alone. */
  under: Lease | null;
  /** When the lease was asked for, by `performance.now()`. */
  sentAt: number;
  done: DoneTimes;
  lastSeq: () => number;
  now: () => Date;
}

/** Of a lease that ends with the journal. */
const FOR_GOOD: Tenure = { renewed() {}, lose() {} };

export class PostgresLaneJournal implements LaneJournal {
  readonly id: string;
  readonly epoch: number;
  readonly slot = null;
  readonly lease: Lease | null;
  readonly #own: HeldLease | null;
  readonly #engine: Engine;
  readonly #lane: Lane;
  readonly #writer: LaneWriter;
  #done: DoneTimes;
  readonly #member: Membership | null;
  readonly #lastSeq: () => number;
  readonly #now: () => Date;
  /** The chunk that was written last. */
  #chunk: Chunk | null = null;

  constructor({ engine, lane, done, member, under, sentAt, lastSeq, now }: LaneJournalParts) {
    this.id = lane.id;
    this.epoch = lane.epoch;
    this.#engine = engine;
    this.#lane = lane;
    this.#own = member && this.#hold(member.leaseMs, sentAt);
    this.lease = this.#own && under ? new BothLeases(this.#own, under) : this.#own;
    const tenure = this.#own ?? FOR_GOOD;
    this.#writer = new LaneWriter({
      ...{ engine, lane, withinMs: member?.withinMs, tenure },
      wentBack: () => wentBack(engine, member),
    });
    this.#done = done;
    this.#member = member;
    this.#lastSeq = lastSeq;
    this.#now = now;
  }

  async cursor(): Promise<Cursor> {
    return cursorOf(this.#lane);
  }

  get paused(): OperatorNote | null {
    return this.#writer.stored.paused;
  }

  hadBefore(event: { seq: number; generation: number; id: number }): boolean {
    return hadBefore(this.#lane.inherited, event) !== null;
  }

  async register(callbackKeys: readonly string[]): Promise<void> {
    this.#writer.own();
    const { callbacks } = this.#lane;
    // so a plugin that only changes hosts need not wait for it
    const isSame =
      callbacks.length === callbackKeys.length && callbackKeys.every((key, i) => key === callbacks[i]);
    if (isSame && this.#writer.isStored("callbacks")) return;
    await this.#writer.store({}, { callbacks: [...callbackKeys] });
  }

  async commit({ seq, begun, finishedCallbacks }: LaneStep): Promise<void> {
    this.#inJournal(seq);
    this.#writer.own();
    const finished = begun ? this.#lane.callbacks.slice(0, finishedCallbacks) : [];
    progress(this.#lane, begun ? seq - 1 : seq, begun, finished);
    await this.#writer.store();
    // a process that was frozen after the answer came is told no earlier than by another
    if (begun) await this.lease?.sure();
  }

  async handOver(run: { from: number; to: number; matched: readonly number[] }): Promise<void> {
    const { from, to, matched } = run;
    const inside = matched.every((seq, index) => seq > (matched[index - 1] ?? from - 1) && seq <= to);
    if (!inside || from < 1 || to > this.#lastSeq()) {
      throw new CallsheetError(
        "INTERNAL",
        `A run from ${from} to ${to} of the plugin ${this.#lane.name} was handed over wrongly.`,
      );
    }
    const chunks = await this.#chunks(chunkOf(from), chunkOf(to));
    for (const chunk of chunks) mark(chunk, from, to, matched);
    this.#chunk = chunks.at(-1)!;
    // a copy: the next run may change it before this one is on its way
    await this.#writer.store({
      chunks: chunks.map(({ number, bits }) => ({ number, bits: Buffer.from(bits) })),
    });
  }

  async advance(toSeq: number): Promise<void> {
    this.#writer.own();
    this.#inJournal(toSeq);
    if (toSeq <= this.#lane.cursor) return;
    moveTo(this.#lane, toSeq);
    this.#writer.lazily();
  }

  reached(mark: DoneMark): void {
    const chunks = this.#done.reached(mark);
    if (chunks.length > 0) this.#writer.lazily(chunks);
  }

  async record(outcome: { kind: "failed" | "skipped"; failure: LaneFailure }): Promise<void> {
    await this.#writer.store({ outcomes: [outcome] });
  }

  async setState(state: LaneState, failure: LaneFailure | null, finished?: readonly string[]): Promise<void> {
    this.#writer.own();
    const lane = this.#lane;
    const isSame = state === "active" && lane.state === state && !failure && !lane.failure;
    if (isSame && this.#writer.isStored("state", "failure")) return;
    // that they have finished is so, whatever is refused
    if (failure && finished && failure.seq > lane.cursor) progress(lane, failure.seq - 1, true, finished);
    const absentSince = state === "absent" ? (lane.absentSince ?? this.#now().getTime()) : null;
    await this.#writer.store({}, { state, absentSince, failure });
  }

  async runsWith(copy: PluginCopy): Promise<void> {
    if (!this.#member) return;
    const { number } = this.#lane;
    const { name } = this.#member.record;
    await this.#writer.store({ more: [(session) => writeCopy(session, number, name, copy)] });
  }

  async relocate(path: string): Promise<void> {
    await this.#writer.store({}, { path });
  }

  async setPaused(note: OperatorNote | null, record?: DeedRecord): Promise<void> {
    await this.#writer.store({ more: recording(record) }, { paused: note });
  }

  async moveCursor(
    { from, to }: { from: number; to: number },
    note: OperatorNote,
    record?: DeedRecord,
  ): Promise<boolean> {
    this.#inJournal(to);
    const { number } = this.#lane;
    const chunk = await this.#engine.patiently((withinMs) =>
      readDoneChunk(this.#engine, { lane: number, seq: to, withinMs }),
    );
    this.#writer.own();
    const { cursor } = this.#lane;
    if (cursor !== from) return false;
    // before the move, so that a flush while that is under way has nothing of it left
    this.#keepTimes();
    const done = new DoneTimes(null);
    const marks = done.moved({ seq: to, at: this.#now().getTime() }, chunk);
    const more = async (session: Session) => {
      await replaceDoneAfter(session, number, to, marks);
      if (to > cursor) await passOver(session, number, { first: cursor + 1, last: to }, note);
      else await forgetAfter(session, number, to);
    };
    await this.#writer.store({ more: [more, ...recording(record)] }, movedTo(this.#lane, to));
    this.#done = done;
    return true;
  }

  /** As it is, which may be further than what is stored; null once the lease is known to be another's. */
  get current(): Lane | null {
    return this.#writer.lost ? null : this.#lane;
  }

  /** What is known of its times only here. */
  get doneTimes(): { lane: number; fresh: DoneTimes["fresh"] } {
    return { lane: this.#lane.number, fresh: this.#done.fresh };
  }

  /** Stores what is not stored yet. */
  async flush(): Promise<void> {
    this.#keepTimes();
    await this.#writer.flush();
  }

  #keepTimes(): void {
    const chunks = this.#done.rest();
    if (chunks.length > 0) this.#writer.lazily(chunks);
  }

  /** As if its owner had died. */
  drop(): void {
    this.#own?.drop();
  }

  #hold(ms: number, sentAt: number): HeldLease {
    return new HeldLease({
      ms,
      sentAt,
      write: () => this.#writer.store(),
      giveBack: async () => {
        this.#lane.owner = null;
        await this.#writer.store({ freed: true });
      },
    });
  }

  async #chunks(first: number, last: number): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    for (let number = first; number <= last; number += 1) {
      const known = this.#chunk?.number === number ? this.#chunk : null;
      chunks.push(
        known ??
          (await this.#engine.patiently((withinMs) =>
            loadChunk(this.#engine, { lane: this.#lane.number, number, withinMs }),
          )),
      );
    }
    return chunks;
  }

  #inJournal(seq: number): void {
    if (Number.isSafeInteger(seq) && seq >= 0 && seq <= this.#lastSeq()) return;
    throw new CallsheetError(
      "INTERNAL",
      `The plugin ${this.#lane.name} was moved to place ${seq}, beyond the journal.`,
    );
  }
}

function recording(record: DeedRecord | undefined): Beside["more"] {
  return record ? [(session) => storeRecord(session, record)] : [];
}
