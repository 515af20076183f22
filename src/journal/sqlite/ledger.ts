/** What became of one event, lane by lane. */

import { type DoneBetween, doneAfter } from "../done-times.ts";
import type { Cursor, LaneFailure, LedgerAnswer, RecordedOutcome } from "../journal.ts";
import { answerFor, answerNever, answerWithout } from "../ledger-answer.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { slotWrittenAt } from "./done.ts";
import type { Lane } from "./lane-rows.ts";
import type { LaneTable } from "./lane-table.ts";
import { corrupt } from "./trouble.ts";

interface OutcomeRow {
  lane: number;
  seq: number;
  kind: "failed" | "skipped";
  failure: string;
  checksum: number;
}

export class Ledger {
  readonly #journal: Database;
  readonly #table: LaneTable;
  readonly #appended;
  readonly #never;
  readonly #outcomes;
  readonly #lost;
  readonly #newest;

  constructor(journal: Database, table: LaneTable) {
    this.#journal = journal;
    this.#table = table;
    this.#appended = journal.prepare("SELECT appended_at FROM event WHERE seq = ?");
    this.#never = journal.prepare("SELECT 1 FROM never WHERE first <= ? AND last >= ? LIMIT 1");
    this.#outcomes = table.database.prepare(
      "SELECT * FROM outcome WHERE seq = ? AND lane = ? ORDER BY number",
    );
    this.#newest = table.database.prepare("SELECT * FROM outcome ORDER BY number DESC LIMIT ?");
    this.#lost = table.database.prepare(
      "SELECT DISTINCT lane FROM lost WHERE first_id <= ? AND last_id >= ?",
    );
  }

  /** @param found the event's place, or null when the journal does not have it */
  answer(
    eventId: number,
    found: { seq: number; generation: number } | null,
    cursors: ReadonlyMap<Lane, Cursor>,
  ): LedgerAnswer[] {
    const lanes = [...cursors.keys()];
    if (found) {
      const event = { ...found, id: eventId };
      return lanes.map((lane) =>
        answerFor(lane, cursors.get(lane)!, event, {
          handed: () => this.#table.handed.has(lane.number, found.seq),
          recorded: () => this.#recorded(lane, found.seq),
          passedBy: () => this.#table.operators.passed(lane.number, found.seq),
        }),
      );
    }
    if (this.#never.get(eventId, eventId)) return lanes.map(answerNever);
    const rows = this.#table.database.run(() => this.#lost.all(eventId, eventId));
    const losers = new Set(rows.map(({ lane }) => lane));
    return lanes.flatMap((lane) => answerWithout(lane, eventId, losers.has(lane.number)));
  }

  /** For lanes that are done with it. */
  whenDone(seq: number, lanes: readonly Lane[], slotOf: (lane: Lane) => string): Map<string, DoneBetween> {
    const row = this.#journal.run(() => this.#appended.get(seq));
    const appendedAt = (row?.appended_at as number | undefined) ?? null;
    return new Map(
      lanes.map((lane) => {
        const { after, before } = this.#table.done.between(lane.number, seq);
        return [lane.id, doneAfter(appendedAt, { after, before: before ?? slotWrittenAt(slotOf(lane)) })];
      }),
    );
  }

  /** Newest first. */
  recorded(limit: number): RecordedOutcome[] {
    const { database } = this.#table;
    const lanes = new Map(this.#table.all().map((lane) => [lane.number, lane]));
    const rows = database.run(() => this.#newest.all(limit)) as unknown as OutcomeRow[];
    return rows.flatMap((row) => {
      const lane = lanes.get(row.lane);
      return lane ? [{ lane: lane.id, name: lane.name, kind: row.kind, failure: this.#checked(row) }] : [];
    });
  }

  #recorded(lane: Lane, seq: number): { kind: "failed" | "skipped"; failure: LaneFailure }[] {
    const { database } = this.#table;
    const rows = database.run(() => this.#outcomes.all(seq, lane.number)) as unknown as OutcomeRow[];
    return rows.map((row) => ({ kind: row.kind, failure: this.#checked(row) }));
  }

  /** @throws STATE_CORRUPT */
  #checked({ lane, seq, kind, failure, checksum }: OutcomeRow): LaneFailure {
    if (rowChecksum(lane, seq, kind, failure) === checksum) return JSON.parse(failure) as LaneFailure;
    throw corrupt(
      this.#table.database.file,
      `what was recorded for the event at place ${seq} does not match its checksum`,
    );
  }
}
