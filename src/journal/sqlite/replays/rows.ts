/** The statements of `replays.sqlite`, and what rows say together. */
import type { StatementSync } from "node:sqlite";
import type { ReplayCounts, ReplayOrder, ReplayRecord, ReplayState } from "../../replays.ts";
import type { Database } from "../database.ts";
import { placeOfReplay, type ReplayPlace } from "./place.ts";
import type { ReplayRow } from "./tables.ts";

export class ReplayRows {
  /** Folder with the slots. */
  readonly slots: string;
  readonly register: StatementSync;
  readonly give: StatementSync;
  readonly advance: StatementSync;
  readonly fail: StatementSync;
  readonly catch: StatementSync;
  readonly #database: Database;
  readonly #row: StatementSync;
  readonly #seenAt: StatementSync;
  readonly #matched: StatementSync;
  readonly #outcomes: StatementSync;
  readonly #caught: StatementSync;

  constructor(database: Database, slots: string) {
    this.#database = database;
    this.slots = slots;
    this.register = database.prepare("UPDATE replay SET callbacks = ? WHERE id = ?");
    this.give = database.prepare("INSERT OR REPLACE INTO given (replay, event, seen) VALUES (?, ?, ?)");
    this.advance = database.prepare(
      "UPDATE replay SET cursor = ?, seen = ?, begun = NULL, finished = '[]' WHERE id = ? AND cursor < ?",
    );
    this.fail = database.prepare("INSERT INTO outcome (replay, event, kind, failure) VALUES (?, ?, ?, ?)");
    this.catch = database.prepare("INSERT INTO caught (replay, event, write) VALUES (?, ?, ?)");
    this.#row = database.prepare("SELECT * FROM replay WHERE id = ?");
    this.#seenAt = database.prepare("SELECT seen FROM given WHERE replay = ? AND event = ?");
    this.#matched = database.prepare("SELECT count(*) AS number FROM given WHERE replay = ? AND event <= ?");
    this.#outcomes = database.prepare(
      "SELECT kind, count(DISTINCT event) AS number FROM outcome WHERE replay = ? GROUP BY kind",
    );
    this.#caught = database.prepare("SELECT count(*) AS number FROM caught WHERE replay = ?");
  }

  row(id: number): ReplayRow | null {
    return (this.run(() => this.#row.get(id)) as ReplayRow | undefined) ?? null;
  }

  place(row: ReplayRow): ReplayPlace {
    return placeOfReplay(row, this.slots, (event) => {
      const given = this.run(() => this.#seenAt.get(row.id, event));
      return given === undefined ? null : (given.seen as number);
    });
  }

  counts(id: number, { cursor, seen }: ReplayPlace): ReplayCounts {
    const number = (row: Record<string, unknown> | undefined) => (row?.number as number | undefined) ?? 0;
    const outcomes = this.run(() => this.#outcomes.all(id));
    const of = (kind: string) => number(outcomes.find((each) => each.kind === kind));
    return {
      events: seen,
      matched: number(this.run(() => this.#matched.get(id, cursor))),
      failed: of("failed"),
      skipped: of("skipped"),
      writes: number(this.run(() => this.#caught.get(id))),
    };
  }

  record(row: ReplayRow): ReplayRecord {
    const place = this.place(row);
    return {
      id: row.id,
      ...(JSON.parse(row.asked) as ReplayOrder),
      state: row.state as ReplayState,
      problem: row.problem === null ? null : JSON.parse(row.problem),
      doneId: place.cursor,
      counts: this.counts(row.id, place),
      endedAt: row.ended_at === null ? null : new Date(row.ended_at).toISOString(),
    };
  }

  run<T>(work: () => T): T {
    return this.#database.run(work);
  }

  transaction<T>(work: () => T): T {
    return this.#database.transaction(work);
  }
}
