/** Replays in a database of their own, with a slot for each of their hosts. */
import { rmSync, writeFileSync } from "node:fs";
import { parseExact } from "../../../json.ts";
import type {
  KeptWrite,
  ReplayedEvent,
  ReplayFailure,
  ReplayJournal,
  ReplayOrder,
  ReplayProblem,
  ReplayRecord,
  ReplayState,
  ReplayStore,
} from "../../replays.ts";
import { SLOT_BYTES } from "../../slot.ts";
import type { Database } from "../database.ts";
import { translated } from "../trouble.ts";
import { removeSlots } from "./check.ts";
import { SqliteReplayJournal } from "./journal.ts";
import { replaySlot } from "./place.ts";
import { ReplayRows } from "./rows.ts";
import type { ReplayRow } from "./tables.ts";

/** Replays kept; the oldest that do not run go. */
const MOST_REPLAYS = 500;
const TABLES = ["given", "outcome", "caught"] as const;

export class SqliteReplayStore implements ReplayStore {
  readonly #database: Database;
  readonly #rows: ReplayRows;

  constructor(database: Database, slots: string) {
    this.#database = database;
    this.#rows = new ReplayRows(database, slots);
  }

  async begin(order: ReplayOrder): Promise<ReplayRecord> {
    const id = this.#database.transaction(() => {
      this.#trim();
      const { lastInsertRowid } = this.#database
        .prepare(
          "INSERT INTO replay (lane, asked, state, epoch, callbacks, cursor, finished, seen) VALUES (?, ?, 'running', 0, '[]', ?, '[]', 0)",
        )
        .run(order.lane, JSON.stringify(order), order.first - 1);
      return Number(lastInsertRowid);
    });
    return (await this.get(id))!;
  }

  async get(id: number): Promise<ReplayRecord | null> {
    const row = this.#rows.row(id);
    return row && this.#rows.record(row);
  }

  async list({ lane, limit }: { lane?: string | undefined; limit: number }): Promise<ReplayRecord[]> {
    const rows = this.#all<ReplayRow>(
      "SELECT * FROM replay WHERE ? IS NULL OR lane = ? ORDER BY id DESC LIMIT ?",
      lane ?? null,
      lane ?? null,
      limit,
    );
    return rows.map((row) => this.#rows.record(row));
  }

  async open(id: number): Promise<ReplayJournal> {
    const row = this.#rows.row(id)!;
    const { dryRun } = JSON.parse(row.asked) as ReplayOrder;
    const { cursor, begun, seen } = this.#rows.place(row);
    const epoch = row.epoch + 1;
    this.#newSlot(row, epoch);
    this.#database.transaction(() => {
      const set = "UPDATE replay SET epoch = ?, cursor = ?, begun = ?, finished = ?, seen = ? WHERE id = ?";
      const finished = JSON.stringify(dryRun ? [] : (begun?.finished ?? []));
      this.#database.prepare(set).run(epoch, cursor, begun?.event ?? null, finished, seen, id);
      for (const table of TABLES) {
        // what a callback did at the event that had begun holds in a replay that is no dry run
        if (table === "outcome" && !dryRun) continue;
        this.#database.prepare(`DELETE FROM ${table} WHERE replay = ? AND event > ?`).run(id, cursor);
      }
    });
    rmSync(replaySlot(this.#rows.slots, id, row.epoch), { force: true });
    return new SqliteReplayJournal(this.#rows, id, epoch);
  }

  async setState(id: number, state: ReplayState, problem: ReplayProblem | null): Promise<void> {
    const endedAt = state === "running" ? null : Date.now();
    const text = problem && JSON.stringify(problem);
    this.#database.run(() =>
      this.#database
        .prepare("UPDATE replay SET state = ?, problem = ?, ended_at = ? WHERE id = ?")
        .run(state, text, endedAt, id),
    );
  }

  async ofEvents(eventIds: readonly number[]): Promise<Map<number, ReplayedEvent[]>> {
    return new Map(eventIds.map((id) => [id, this.#ofEvent(id)]));
  }

  async failures(id: number, limit: number): Promise<ReplayFailure[]> {
    const rows = this.#all<{ kind: "failed" | "skipped"; failure: string }>(
      "SELECT kind, failure FROM outcome WHERE replay = ? ORDER BY number DESC LIMIT ?",
      id,
      limit,
    );
    return rows.map(({ kind, failure }) => ({ kind, failure: JSON.parse(failure) }));
  }

  async writes<Write>(
    id: number,
    { after, limit }: { after: number; limit: number },
  ): Promise<KeptWrite<Write>[]> {
    const rows = this.#all<{ number: number; event: number; write: string }>(
      "SELECT number, event, write FROM caught WHERE replay = ? AND number > ? ORDER BY number LIMIT ?",
      id,
      after,
      limit,
    );
    return rows.map(({ number, event, write }) => ({
      number,
      eventId: event,
      write: parseExact(write) as Write,
    }));
  }

  async close(): Promise<void> {
    this.#database.close();
  }

  /** A fresh file: a host before this one may still have its own open. */
  #newSlot({ id }: ReplayRow, epoch: number): void {
    const file = replaySlot(this.#rows.slots, id, epoch);
    try {
      writeFileSync(file, Buffer.alloc(SLOT_BYTES), { mode: 0o600 });
    } catch (error) {
      throw translated(error, file);
    }
  }

  #ofEvent(event: number): ReplayedEvent[] {
    const rows = this.#all<ReplayRow>(
      "SELECT replay.* FROM given JOIN replay ON replay.id = given.replay WHERE given.event = ? ORDER BY replay.id DESC LIMIT 50",
      event,
    );
    return rows.flatMap((row) => {
      const { id, plugin, dryRun, operator, doneId, problem } = this.#rows.record(row);
      const outcomes = this.#all<{ kind: "failed" | "skipped"; failure: string }>(
        "SELECT kind, failure FROM outcome WHERE replay = ? AND event = ? ORDER BY number",
        id,
        event,
      );
      const stopped = problem?.eventId === event;
      // handed to the host, which had not begun it
      if (event > doneId && !stopped) return [];
      const outcome = stopped ? "failed" : (outcomes.at(-1)?.kind ?? "delivered");
      const failures = outcomes.map(({ failure }) => JSON.parse(failure));
      return [{ replay: id, plugin, dryRun, outcome, failures, operator }];
    });
  }

  #trim(): void {
    const old = this.#all<{ id: number }>(
      "SELECT id FROM replay WHERE state <> 'running' ORDER BY id DESC LIMIT -1 OFFSET ?",
      MOST_REPLAYS - 1,
    );
    for (const { id } of old) {
      for (const table of TABLES) this.#database.prepare(`DELETE FROM ${table} WHERE replay = ?`).run(id);
      // before the row goes for good: without one, a slot would be taken for what is left of a lost row
      removeSlots(this.#rows.slots, id);
      this.#database.prepare("DELETE FROM replay WHERE id = ?").run(id);
    }
  }

  #all<Row>(sql: string, ...values: (string | number | null)[]): Row[] {
    return this.#database.run(() => this.#database.prepare(sql).all(...values)) as Row[];
  }
}
