/** What operators did to lanes: pauses, events passed over, and a list of every action. */
import type { OperatorAction, OperatorNote } from "../journal.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { corrupt } from "./trouble.ts";

/** Actions kept; the oldest go. */
const MOST_ACTIONS = 10_000;

export interface PausedRow {
  lane: number;
  note: string;
  checksum: number;
}

export interface PassedRow {
  number: number;
  lane: number;
  first_seq: number;
  last_seq: number;
  note: string;
  checksum: number;
}

export interface ActionRow {
  number: number;
  at: number;
  action: string;
  checksum: number;
}

export class Operators {
  readonly #database: Database;
  /** By lane number. */
  readonly #paused: Map<number, OperatorNote>;
  readonly #pause;
  readonly #resume;
  readonly #insertPassed;
  readonly #passed;
  readonly #passedAfter;
  readonly #deletePassed;
  readonly #deleteOutcomes;
  readonly #insertAction;
  readonly #trimActions;
  readonly #actions;

  constructor(database: Database) {
    this.#database = database;
    this.#paused = readPaused(database);
    this.#pause = database.prepare("INSERT OR REPLACE INTO paused (lane, note, checksum) VALUES (?, ?, ?)");
    this.#resume = database.prepare("DELETE FROM paused WHERE lane = ?");
    this.#insertPassed = database.prepare(
      "INSERT INTO passed (lane, first_seq, last_seq, note, checksum) VALUES (?, ?, ?, ?, ?)",
    );
    this.#passed = database.prepare(
      "SELECT * FROM passed WHERE lane = ? AND first_seq <= ? ORDER BY first_seq DESC LIMIT 1",
    );
    this.#passedAfter = database.prepare("SELECT * FROM passed WHERE lane = ? AND last_seq > ?");
    this.#deletePassed = database.prepare("DELETE FROM passed WHERE number = ?");
    this.#deleteOutcomes = database.prepare("DELETE FROM outcome WHERE lane = ? AND seq > ?");
    // once: it is repeated when its commit was reported as failed
    this.#insertAction = database.prepare(
      `INSERT INTO action (at, action, checksum) SELECT ?1, ?2, ?3
       WHERE NOT EXISTS (SELECT 1 FROM action WHERE at = ?1 AND action = ?2)`,
    );
    this.#trimActions = database.prepare(
      `DELETE FROM action WHERE number <= (SELECT max(number) FROM action) - ${MOST_ACTIONS}`,
    );
    this.#actions = database.prepare("SELECT * FROM action ORDER BY number DESC LIMIT ?");
  }

  /** Who paused the lane with this number. */
  paused(lane: number): OperatorNote | null {
    return this.#paused.get(lane) ?? null;
  }

  /** To be called in a transaction; `known` when that is committed. */
  setPaused(lane: number, note: OperatorNote | null): void {
    if (!note) return void this.#resume.run(lane);
    const text = JSON.stringify(note);
    this.#pause.run(lane, text, pausedChecksum(lane, text));
  }

  known(lane: number, note: OperatorNote | null): void {
    if (note) this.#paused.set(lane, note);
    else this.#paused.delete(lane);
  }

  /** Who passed over this event of a lane, or null. Ranges of one lane do not overlap. */
  passed(lane: number, seq: number): OperatorNote | null {
    const row = this.#database.run(() => this.#passed.get(lane, seq)) as PassedRow | undefined;
    if (!row || row.last_seq < seq) return null;
    if (!isPassed(row)) throw corrupt(this.#database.file, "a range that was passed over does not match");
    return JSON.parse(row.note) as OperatorNote;
  }

  /** To be called in a transaction. */
  passOver(lane: number, first: number, last: number, note: OperatorNote): void {
    const text = JSON.stringify(note);
    this.#insertPassed.run(lane, first, last, text, rowChecksum(lane, first, last, text));
  }

  /** Forgets what was recorded of a lane's events after `seq`. To be called in a transaction. */
  forgetAfter(lane: number, seq: number): void {
    this.#deleteOutcomes.run(lane, seq);
    for (const row of this.#passedAfter.all(lane, seq) as unknown as PassedRow[]) {
      this.#deletePassed.run(row.number);
      if (row.first_seq <= seq) this.passOver(lane, row.first_seq, seq, JSON.parse(row.note) as OperatorNote);
    }
  }

  /** To be called in a transaction. */
  record(action: OperatorAction): void {
    const at = Date.parse(action.at);
    const text = JSON.stringify(action);
    this.#insertAction.run(at, text, rowChecksum(at, text));
    this.#trimActions.run();
  }

  actions(limit: number): OperatorAction[] {
    const rows = this.#database.run(() => this.#actions.all(limit)) as unknown as ActionRow[];
    return rows.map((row) => {
      if (!isAction(row)) throw corrupt(this.#database.file, "a recorded action does not match its checksum");
      return JSON.parse(row.action) as OperatorAction;
    });
  }
}

/** By lane number. @throws STATE_CORRUPT */
export function readPaused(database: Database): Map<number, OperatorNote> {
  const rows = database.run(() => database.prepare("SELECT * FROM paused").all()) as unknown as PausedRow[];
  return new Map(
    rows.map((row) => {
      if (!isPaused(row)) throw corrupt(database.file, "the record of a pause does not match its checksum");
      return [row.lane, JSON.parse(row.note) as OperatorNote];
    }),
  );
}

/** The word keeps such a row apart from one of `mark` in a damaged file. */
function pausedChecksum(lane: number, note: string): number {
  return rowChecksum(lane, "paused", note);
}

export function isPaused({ lane, note, checksum }: PausedRow): boolean {
  return pausedChecksum(lane, note) === checksum;
}

export function isPassed({ lane, first_seq, last_seq, note, checksum }: Omit<PassedRow, "number">): boolean {
  return rowChecksum(lane, first_seq, last_seq, note) === checksum;
}

export function isAction({ at, action, checksum }: Omit<ActionRow, "number">): boolean {
  return rowChecksum(at, action) === checksum;
}
