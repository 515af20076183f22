/** One lane, for the owner of its lease. */
import { CallsheetError } from "../../errors.ts";
import { fingerprint } from "../../fingerprint.ts";
import type { DoneMark } from "../done-times.ts";
import { hadBefore } from "../inherited.ts";
import type {
  Cursor,
  DeedRecord,
  LaneFailure,
  LaneJournal,
  LaneState,
  OperatorNote,
  SlotTicket,
} from "../journal.ts";
import { cursorOf, foldSlot } from "./cursor.ts";
import type { Lane } from "./lane-rows.ts";
import type { LaneTable } from "./lane-table.ts";
import { outcomeChecksum } from "./outcomes.ts";
import { describeSlot } from "./slot-files.ts";

export interface LaneJournalParts {
  lane: Lane;
  table: LaneTable;
  slotFile: string;
  lastSeq: () => number;
  now: () => Date;
}

export class SqliteLaneJournal implements LaneJournal {
  readonly id: string;
  readonly epoch: number;
  readonly slot: SlotTicket;
  readonly lease = null;
  readonly #lane: Lane;
  readonly #table: LaneTable;
  readonly #lastSeq: () => number;
  readonly #now: () => Date;
  readonly #insertOutcome;

  constructor({ lane, table, slotFile, lastSeq, now }: LaneJournalParts) {
    this.id = lane.id;
    this.epoch = lane.epoch;
    this.slot = { file: slotFile, epoch: lane.epoch };
    this.#lane = lane;
    this.#table = table;
    this.#lastSeq = lastSeq;
    this.#now = now;
    this.#insertOutcome = table.database.prepare(
      // once: it is repeated when its commit was reported as failed
      `INSERT INTO outcome (lane, seq, kind, failure, print, checksum) SELECT ?1, ?2, ?3, ?4, ?5, ?6
       WHERE NOT EXISTS (SELECT 1 FROM outcome WHERE seq = ?2 AND lane = ?1 AND kind = ?3 AND failure = ?4)`,
    );
  }

  get paused(): OperatorNote | null {
    return this.#table.operators.paused(this.#lane.number);
  }

  async cursor(): Promise<Cursor> {
    return cursorOf(this.#lane, this.slot.file, this.#lastSeq());
  }

  async commit(): Promise<void> {
    throw new CallsheetError(
      "INTERNAL",
      `The progress of the plugin ${this.#lane.name} is kept in its slot.`,
    );
  }

  hadBefore(event: { seq: number; generation: number; id: number }): boolean {
    return hadBefore(this.#lane.inherited, event) !== null;
  }

  async register(callbackKeys: readonly string[]): Promise<void> {
    await this.#change((lane) => {
      this.#fold(lane);
      lane.callbacks = [...callbackKeys];
    });
  }

  async handOver({
    from,
    to,
    matched,
  }: {
    from: number;
    to: number;
    matched: readonly number[];
  }): Promise<void> {
    this.#own();
    const inside = matched.every((seq, index) => seq > (matched[index - 1] ?? from - 1) && seq <= to);
    if (!inside || from < 1 || to > this.#lastSeq()) {
      throw new CallsheetError(
        "INTERNAL",
        `A run from ${from} to ${to} of the plugin ${this.#lane.name} was handed over wrongly.`,
      );
    }
    await this.#table.commits.add(() => this.#table.handed.write(this.#lane.number, from, to, matched));
  }

  async advance(toSeq: number): Promise<void> {
    this.#own();
    if (toSeq > this.#lastSeq()) {
      throw new CallsheetError(
        "INTERNAL",
        `The plugin ${this.#lane.name} was moved to place ${toSeq}, beyond the journal.`,
      );
    }
    if (toSeq > this.#lane.cursor) this.#table.move(this.#lane, toSeq);
  }

  reached(mark: DoneMark): void {
    if (this.#lane.epoch === this.epoch) this.#table.reached(this.#lane, mark);
  }

  async record({ kind, failure }: { kind: "failed" | "skipped"; failure: LaneFailure }): Promise<void> {
    this.#own();
    const { number } = this.#lane;
    const row = { lane: number, seq: failure.seq, kind, failure: JSON.stringify(failure) };
    const print = fingerprint(this.id, failure);
    const checksum = outcomeChecksum({ ...row, print });
    await this.#table.commits.add(
      () => this.#insertOutcome.run(number, row.seq, kind, row.failure, print, checksum),
      { fsync: true },
    );
  }

  async setState(state: LaneState, failure: LaneFailure | null, finished?: readonly string[]): Promise<void> {
    await this.#change((lane) => {
      lane.absentSince = state === "absent" ? (lane.absentSince ?? this.#now().getTime()) : null;
      lane.state = state;
      lane.failure = failure;
      if (failure && finished) this.#finishedAt(lane, failure.seq, finished);
    });
  }

  async runsWith(): Promise<void> {}

  async relocate(path: string): Promise<void> {
    await this.#change((lane) => {
      lane.path = path;
    });
  }

  async setPaused(note: OperatorNote | null, { action }: DeedRecord = {}): Promise<void> {
    this.#own();
    const { operators } = this.#table;
    const { number } = this.#lane;
    const store = () => {
      operators.setPaused(number, note);
      if (action) operators.record(action);
    };
    // with the lane's row, which tells whether it is done
    await this.#table.change(this.#lane, store, { fsync: true });
    operators.known(number, note);
  }

  async moveCursor(
    { from, to }: { from: number; to: number },
    note: OperatorNote,
    { action }: DeedRecord = {},
  ): Promise<boolean> {
    if (!Number.isSafeInteger(to) || to < 0 || to > this.#lastSeq()) {
      throw new CallsheetError("INTERNAL", `The plugin ${this.#lane.name} was moved to place ${to}.`);
    }
    let moved = false;
    await this.#change((lane) => {
      this.#fold(lane);
      moved = lane.cursor === from;
      if (moved) this.#move(lane, to, note);
      if (moved && action) this.#table.operators.record(action);
    });
    return moved;
  }

  #move(lane: Lane, to: number, note: OperatorNote): void {
    const { operators, done } = this.#table;
    const { cursor, begun } = lane;
    done.moved(lane.number, { seq: to, at: this.#now().getTime() });
    if (to > cursor) operators.passOver(lane.number, cursor + 1, to, note);
    else {
      operators.forgetAfter(lane.number, to);
      lane.doubtfulTo = Math.max(lane.doubtfulTo, begun ? cursor + 1 : cursor);
      lane.startSeq = Math.min(lane.startSeq, to);
      lane.inherited = lane.inherited.map((one) => ({ ...one, afterSeq: Math.max(one.afterSeq, cursor) }));
    }
    lane.cursor = to;
    lane.begun = false;
    lane.finished = [];
    lane.failure = null;
    if (lane.state === "failed") lane.state = "active";
  }

  #finishedAt(lane: Lane, seq: number, finished: readonly string[]): void {
    this.#fold(lane);
    if (seq <= lane.cursor) return;
    const known = lane.cursor === seq - 1 && lane.begun ? lane.finished : [];
    lane.cursor = seq - 1;
    lane.begun = true;
    lane.finished = [...new Set([...known, ...finished])];
  }

  #fold(lane: Lane): void {
    foldSlot(lane, this.slot.file, this.#lastSeq());
  }

  async #change(mutate: (lane: Lane) => void): Promise<void> {
    this.#own();
    await this.#table.change(this.#lane, mutate, { fsync: true });
    if (this.#lane.epoch === this.epoch) describeSlot(this.slot.file, this.#lane);
  }

  /** @throws STATE_LOCKED when the lease has a newer owner */
  #own(): void {
    const { epoch, name } = this.#lane;
    if (epoch === this.epoch) return;
    throw new CallsheetError(
      "STATE_LOCKED",
      `The plugin ${name} is run by a newer owner (run ${epoch}); run ${this.epoch} may not store its progress any more.`,
      { hint: "This is an older host or daemon that should have ended; stop it." },
    );
  }
}
