/** What became of one event, lane by lane. */
import type { Cursor, LaneFailure, LedgerAnswer, Outcome, RecordedOutcome } from "../journal.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { covers, hadBefore } from "./inherited.ts";
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
  readonly #table: LaneTable;
  readonly #never;
  readonly #outcomes;
  readonly #lost;
  readonly #newest;

  constructor(journal: Database, table: LaneTable) {
    this.#table = table;
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
      return lanes.map((lane) => {
        const had = hadBefore(lane.inherited, event);
        return had && !this.#table.handed.has(lane.number, found.seq)
          ? answer(lane, had.as)
          : this.#ofLane(lane, found.seq, cursors.get(lane)!);
      });
    }
    if (this.#never.get(eventId, eventId)) return lanes.map((lane) => answer(lane, "never_happened"));
    const rows = this.#table.database.run(() => this.#lost.all(eventId, eventId));
    const losers = new Set(rows.map(({ lane }) => lane));
    return lanes.flatMap((lane) => {
      const had = lane.inherited.findLast((inherited) => covers(inherited, eventId));
      if (had) return answer(lane, had.as);
      return losers.has(lane.number) ? answer(lane, "dropped") : [];
    });
  }

  #ofLane(lane: Lane, seq: number, cursor: Cursor): LedgerAnswer {
    if (seq <= lane.startSeq) return answer(lane, "before_start");
    const recorded = this.#recorded(lane, seq);
    const failures = recorded.map(({ failure }) => failure);
    if (seq > cursor.seq) {
      const stoppedHere = lane.failure?.seq === seq && lane.state === "failed";
      return stoppedHere
        ? answer(lane, "failed", [...failures, lane.failure!])
        : answer(lane, "waiting", failures);
    }
    const operator = this.#table.operators.passed(lane.number, seq);
    if (operator) return { ...answer(lane, "skipped", failures), operator };
    if (recorded.some(({ kind }) => kind === "failed")) return answer(lane, "failed", failures);
    if (recorded.length > 0) return answer(lane, "skipped", failures);
    return answer(lane, this.#table.handed.has(lane.number, seq) ? "delivered" : "filtered");
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

function answer({ id, name }: Lane, outcome: Outcome, failures: LaneFailure[] = []): LedgerAnswer {
  return { lane: id, name, outcome, failures, operator: null };
}
