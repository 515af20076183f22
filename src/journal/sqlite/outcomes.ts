/** What was recorded of callbacks that failed or skipped an event while their plugin went on. */
import type { LaneFailure, RecordedGroup } from "../ledger.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import type { Lane } from "./lane-rows.ts";
import { corrupt } from "./trouble.ts";

export interface OutcomeRow {
  lane: number;
  seq: number;
  kind: "failed" | "skipped";
  failure: string;
  /** Empty in rows from before there were any. */
  print: string;
  checksum: number;
}

interface GroupRow {
  lane: number;
  print: string;
  count: number;
  first: number;
  last: number;
}

const NEWEST_A_GROUP = 10;

export class Outcomes {
  readonly #database: Database;
  readonly #ofEvent;
  readonly #groups;
  readonly #newest;
  readonly #one;

  constructor(database: Database) {
    this.#database = database;
    this.#ofEvent = database.prepare("SELECT * FROM outcome WHERE seq = ? AND lane = ? ORDER BY number");
    this.#groups = database.prepare(
      `SELECT lane, print, count(*) AS count, min(number) AS first, max(number) AS last
       FROM outcome WHERE kind = 'failed' GROUP BY lane, print ORDER BY last DESC LIMIT ?`,
    );
    this.#newest = database.prepare(
      `SELECT * FROM outcome WHERE kind = 'failed' AND lane = ? AND print = ?
       ORDER BY number DESC LIMIT ${NEWEST_A_GROUP}`,
    );
    this.#one = database.prepare("SELECT * FROM outcome WHERE number = ?");
  }

  /** Of one event, in their order. */
  of(lane: Lane, seq: number): { kind: "failed" | "skipped"; failure: LaneFailure }[] {
    return this.#rows(() => this.#ofEvent.all(seq, lane.number)).map((row) => ({
      kind: row.kind,
      failure: this.#checked(row),
    }));
  }

  /** Of these lanes, the newest groups first. */
  groups(lanes: readonly Lane[], limit: number): RecordedGroup[] {
    const byNumber = new Map(lanes.map((lane) => [lane.number, lane]));
    const groups = this.#database.run(() => this.#groups.all(limit)) as unknown as GroupRow[];
    return groups.flatMap(({ lane: number, print, count, first }) => {
      const lane = byNumber.get(number);
      if (!lane) return [];
      const [oldest] = this.#rows(() => [this.#one.get(first)]);
      const newest = this.#rows(() => this.#newest.all(number, print)).map((row) => this.#checked(row));
      const firstAt = this.#checked(oldest!).at;
      return [{ lane: lane.id, name: lane.name, fingerprint: print, count, firstAt, newest }];
    });
  }

  #rows(read: () => unknown[]): OutcomeRow[] {
    return this.#database.run(read) as OutcomeRow[];
  }

  /** @throws STATE_CORRUPT */
  #checked(row: OutcomeRow): LaneFailure {
    if (outcomeChecksum(row) === row.checksum) return JSON.parse(row.failure) as LaneFailure;
    throw corrupt(
      this.#database.file,
      `what was recorded for the event at place ${row.seq} does not match its checksum`,
    );
  }
}

export function outcomeChecksum({ lane, seq, kind, failure, print }: Omit<OutcomeRow, "checksum">): number {
  return rowChecksum(lane, seq, kind, failure, ...(print === "" ? [] : [print]));
}
