/**
 * Retention: removes the oldest events, in small steps so that the event loop goes on. What a lane still needs is kept, unless
 * the journal is larger than allowed, or the lane's file has been absent for longer than events are kept at all.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { Log } from "../../log/log.ts";
import type { RetentionPolicy, RetentionReport } from "../journal.ts";
import { rowChecksum } from "./checksum.ts";
import type { Database } from "./database.ts";
import { LANE_STRIDE, placeOf } from "./hand-over.ts";
import type { Lane } from "./lane-rows.ts";
import type { LaneTable } from "./lane-table.ts";
import { type Standing, standingWriter, storing } from "./standing.ts";

export interface RetentionParts {
  journal: Database;
  lanes: LaneTable;
  log: Log | null;
  /** The last seq that a lane is done with. */
  cursor(lane: Lane): number;
  standing(): Standing | null;
  /** Events are gone: this is the standing now. */
  removed(standing: Standing): void;
}

const STEP_EVENTS = 500;
const STEP_PAGES = 64;
/** Free pages are given back to the disk when they are more than this part of the file. */
const FREE_PART = 0.25;
const MOST_LOST_ROWS = 1000;

interface OldEvent {
  seq: number;
  generation: number;
  id: number;
  appended_at: number;
}

interface Loss {
  lane: string;
  firstSeq: number;
  lastSeq: number;
}

export class Retention {
  readonly #parts: RetentionParts;
  readonly #oldest;
  readonly #delete;
  readonly #sizes;
  readonly #insertLost;
  readonly #writeStanding;
  #running: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(parts: RetentionParts) {
    const { journal, lanes } = parts;
    this.#parts = parts;
    this.#oldest = journal.prepare("SELECT seq, generation, id, appended_at FROM event ORDER BY seq LIMIT ?");
    this.#delete = journal.prepare("DELETE FROM event WHERE seq <= ?");
    this.#sizes = journal.prepare(
      `SELECT page_count AS pages, freelist_count AS free, page_size AS size
       FROM pragma_page_count, pragma_freelist_count, pragma_page_size`,
    );
    this.#writeStanding = standingWriter(journal);
    this.#insertLost = lanes.database.prepare(
      `INSERT INTO lost (lane, generation, first_seq, last_seq, first_id, last_id, checksum)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
  }

  /** One run after the other. */
  run(policy: RetentionPolicy, now: Date): Promise<RetentionReport> {
    const run = this.#running.then(() => this.#run(policy, now));
    this.#running = run.catch(() => {});
    return run;
  }

  /** Lets the step under way end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(policy: RetentionPolicy, now: Date): Promise<RetentionReport> {
    const lost = new Map<string, Loss>();
    const cutoff = now.getTime() - policy.maxAgeMs;
    let removed = 0;
    try {
      while (!this.#stopped) {
        const events = this.#removable(policy, cutoff);
        if (events.length === 0) break;
        const losses = await this.#storeLosses(events);
        this.#remove(events.at(-1)!.seq);
        removed += events.length;
        for (const loss of losses)
          lost.set(loss.lane, { ...loss, firstSeq: lost.get(loss.lane)?.firstSeq ?? loss.firstSeq });
        await turn();
      }
      if (removed > 0) await this.#removeTraces();
      await this.#shrink();
    } catch (error) {
      // what is gone is told first; whoever writes next meets it, and the next run does what is left
      if (removed === 0) throw error;
    }
    this.#logLosses([...lost.values()], cutoff);
    return { removed, lost: [...lost.values()] };
  }

  /** The next few events to go, oldest first. */
  #removable({ maxBytes }: RetentionPolicy, cutoff: number): OldEvent[] {
    const { journal } = this.#parts;
    const oldest = journal.run(() => this.#oldest.all(STEP_EVENTS)) as unknown as OldEvent[];
    const excess = this.#used() - maxBytes;
    const stored = (this.#parts.standing()?.lastSeq ?? 0) - (oldest[0]?.seq ?? 0) + 1;
    const forced = excess > 0 ? Math.ceil(excess / (this.#used() / stored)) : 0;
    const needed = this.#neededFrom(cutoff);
    const kept = oldest.findIndex((event, index) => {
      return index >= forced && (event.appended_at >= cutoff || event.seq >= needed);
    });
    return kept < 0 ? oldest : oldest.slice(0, kept);
  }

  /** The first seq that some lane still waits for. */
  #neededFrom(cutoff: number): number {
    const waiting = this.#parts.lanes.all().filter((lane) => !longAbsent(lane, cutoff));
    return Math.min(...waiting.map((lane) => this.#parts.cursor(lane) + 1));
  }

  /** Stores which lanes lose something, before it goes: a loss that does not happen after all does no harm. */
  async #storeLosses(events: readonly OldEvent[]): Promise<Loss[]> {
    const { lanes, cursor } = this.#parts;
    const losses: Loss[] = [];
    for (const lane of lanes.all()) {
      const done = cursor(lane);
      const missed = events.filter(({ seq }) => seq > done);
      if (missed.length === 0) continue;
      const first = missed[0]!.seq;
      const last = missed.at(-1)!.seq;
      losses.push({ lane: lane.id, firstSeq: first, lastSeq: last });
      const ids = missed.map(({ id }) => id);
      const { generation } = missed[0]!;
      const row = [lane.number, generation, first, last, Math.min(...ids), Math.max(...ids)];
      await lanes.commits.add(() => this.#insertLost.run(...row, rowChecksum(...row)));
    }
    return losses;
  }

  #remove(upTo: number): void {
    const before = this.#parts.standing()!;
    const standing = { ...before, removedSeq: upTo, version: before.version + 1 };
    storing(this.#parts.journal, () => {
      this.#delete.run(upTo);
      this.#writeStanding(standing);
      return { standing };
    });
    this.#parts.removed(standing);
  }

  /** What the other tables hold about removed events. */
  async #removeTraces(): Promise<void> {
    const { lanes, journal } = this.#parts;
    const upTo = this.#parts.standing()!.removedSeq;
    const { database } = lanes;
    await lanes.commits.add(() => {
      database.prepare("DELETE FROM outcome WHERE seq <= ?").run(upTo);
      database.prepare("DELETE FROM passed WHERE last_seq <= ?").run(upTo);
      const handed = database.prepare("DELETE FROM handed WHERE place >= ? AND place < ?");
      for (const { number } of lanes.all()) {
        handed.run(number * LANE_STRIDE, placeOf(number, upTo));
        lanes.done.forgetUpTo(number, upTo);
      }
      database.exec(`DELETE FROM lost WHERE number <= (SELECT max(number) FROM lost) - ${MOST_LOST_ROWS}`);
    });
    journal.transaction(() => {
      journal.exec("DELETE FROM hole WHERE last <= (SELECT removed_seq FROM reader)");
      journal.exec(
        `DELETE FROM never WHERE generation < (SELECT min(generation) FROM event) OR (
           generation = (SELECT min(generation) FROM event) AND
           last < (SELECT min(id) FROM event WHERE generation = (SELECT min(generation) FROM event)))`,
      );
    });
  }

  /** Gives free pages back when they are many; few are kept for new events. */
  async #shrink(): Promise<void> {
    const { journal } = this.#parts;
    for (;;) {
      const { pages, free } = this.#pages();
      if (this.#stopped || free <= STEP_PAGES || free < pages * FREE_PART) return;
      journal.exec(`PRAGMA incremental_vacuum(${STEP_PAGES})`);
      await turn();
    }
  }

  #used(): number {
    const { pages, free, size } = this.#pages();
    return (pages - free) * size;
  }

  #pages(): { pages: number; free: number; size: number } {
    const row = this.#parts.journal.run(() => this.#sizes.get());
    return row as unknown as { pages: number; free: number; size: number };
  }

  #logLosses(losses: readonly Loss[], cutoff: number): void {
    for (const { lane: id, firstSeq, lastSeq } of losses) {
      const lane = this.#parts.lanes.get(id)!;
      const absent = longAbsent(lane, cutoff);
      const why = absent
        ? "its file has been gone for longer than events are kept"
        : "the journal had grown too large";
      this.#parts.log?.at(
        absent ? "warn" : "error",
        `${lastSeq - firstSeq + 1} events that ${lane.name} had not had were removed: ${why}`,
        { plugin: lane.name, code: "JOURNAL_DROPPED", lane: id, first_seq: firstSeq, last_seq: lastSeq },
      );
    }
  }
}

function longAbsent({ state, absentSince }: Lane, cutoff: number): boolean {
  return state === "absent" && absentSince !== null && absentSince < cutoff;
}
