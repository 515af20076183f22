/** What became of one event, lane by lane. */

import { type DoneBetween, doneAfter } from "../done-times.ts";
import type { Cursor, LedgerAnswer, RecordedGroup } from "../journal.ts";
import { answerFor, answerNever, answerWithout } from "../ledger-answer.ts";
import type { Database } from "./database.ts";
import { slotWrittenAt } from "./done.ts";
import type { Lane } from "./lane-rows.ts";
import type { LaneTable } from "./lane-table.ts";
import { Outcomes } from "./outcomes.ts";

export class Ledger {
  readonly #journal: Database;
  readonly #table: LaneTable;
  readonly #appended;
  readonly #never;
  readonly #outcomes: Outcomes;
  readonly #lost;

  constructor(journal: Database, table: LaneTable) {
    this.#journal = journal;
    this.#table = table;
    this.#appended = journal.prepare("SELECT appended_at FROM event WHERE seq = ?");
    this.#never = journal.prepare("SELECT 1 FROM never WHERE first <= ? AND last >= ? LIMIT 1");
    this.#outcomes = new Outcomes(table.database);
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
          recorded: () => this.#outcomes.of(lane, found.seq),
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

  /** The newest groups first. */
  failureGroups(limit: number): RecordedGroup[] {
    return this.#outcomes.groups(this.#table.all(), limit);
  }
}
