/**
 * Writes one lane's record for the owner of its lease. Each write names the version it replaces, so that one of an older owner is
 * refused; what happens while a write is under way goes into the next one.
 */
import { CallsheetError } from "../../errors.ts";
import type { LaneFailure } from "../ledger.ts";
import type { Engine, Session } from "./engine.ts";
import type { Chunk } from "./handed.ts";
import { type Lane, laneValues, WRITTEN } from "./lane-rows.ts";
import { isAway, translated } from "./trouble.ts";

export interface RecordedLine {
  kind: "failed" | "skipped";
  failure: LaneFailure;
}

/** What is stored together with the record. */
interface Beside {
  chunks: Chunk[];
  outcomes: RecordedLine[];
  more: ((session: Session) => Promise<void>)[];
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

const PAUSE_MS = 200;
/** A move that nobody waits for is stored at the latest after this time, ms. */
const LAZY_MS = 500;

const FIRST_COLUMN = 4;
const CHUNKS = FIRST_COLUMN + WRITTEN.length;
/** One statement, one round trip: the record if it is still ours, and beside it what belongs to it. */
const WRITE = `
  WITH mine AS (
    UPDATE lane SET version = version + 1, ${WRITTEN.map((name, i) => `${name} = $${FIRST_COLUMN + i}`).join(", ")}
    WHERE number = $1 AND version = $2 AND epoch = $3 RETURNING number
  ), chunks AS (
    INSERT INTO handed (lane, chunk, bits)
    SELECT mine.number, c.chunk, c.bits FROM mine, unnest($${CHUNKS}::bigint[], $${CHUNKS + 1}::bytea[]) AS c (chunk, bits)
    ON CONFLICT (lane, chunk) DO UPDATE SET bits = excluded.bits
  ), outcomes AS (
    INSERT INTO outcome (lane, seq, kind, failure)
    SELECT mine.number, o.seq, o.kind, o.failure
    FROM mine, unnest($${CHUNKS + 2}::bigint[], $${CHUNKS + 3}::text[], $${CHUNKS + 4}::text[])
      WITH ORDINALITY AS o (seq, kind, failure, place) ORDER BY o.place
  )
  SELECT number FROM mine`;

export class LaneWriter {
  readonly #engine: Engine;
  /** As it is to be stored; changed by its owner between writes. */
  readonly #lane: Lane;
  #beside: Beside = nothing();
  #waiters: Waiter[] = [];
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lost: CallsheetError | null = null;

  constructor(engine: Engine, lane: Lane) {
    this.#engine = engine;
    this.#lane = lane;
  }

  get lost(): boolean {
    return this.#lost !== null;
  }

  /** @throws STATE_LOCKED when a newer owner was met */
  own(): void {
    if (this.#lost) throw this.#lost;
  }

  /** Resolves when the record as it is now is stored, with what is given. @throws STATE_LOCKED, STATE_FULL, STATE_UNUSABLE */
  store(beside: Partial<Beside> = {}): Promise<void> {
    this.own();
    this.#beside.chunks.push(...(beside.chunks ?? []));
    this.#beside.outcomes.push(...(beside.outcomes ?? []));
    this.#beside.more.push(...(beside.more ?? []));
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiters.push({ resolve, reject });
    this.#begin();
    return promise;
  }

  /** Stored with what is stored next, or soon. */
  lazily(): void {
    this.#timer ??= setTimeout(() => void this.store().catch(() => {}), LAZY_MS).unref();
  }

  /** Stores what is lazy, and lets writes under way end. */
  async flush(): Promise<void> {
    if (this.#timer && !this.#lost) await this.store();
    await this.#writing;
  }

  #begin(): void {
    // all that is said in this turn is one write
    this.#writing ??= Promise.resolve()
      .then(() => this.#run())
      .finally(() => {
        this.#writing = null;
        if (this.#waiters.length > 0) this.#begin();
      });
  }

  async #run(): Promise<void> {
    const waiters = this.#waiters;
    const beside = this.#beside;
    this.#waiters = [];
    this.#beside = nothing();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    try {
      this.own();
      await this.#write({ ...this.#lane }, beside);
      for (const { resolve } of waiters) resolve();
    } catch (error) {
      for (const { reject } of waiters) reject(translated(error, this.#engine.where));
    }
  }

  async #write(lane: Lane, beside: Beside): Promise<void> {
    for (;;) {
      try {
        if (!(await this.#attempt(lane, beside))) throw this.#fenced();
        this.#lane.version = lane.version + 1;
        return;
      } catch (error) {
        if (!isAway(error)) throw error;
        await this.#engine.away(PAUSE_MS);
        if (await this.#arrived(lane)) return;
      }
    }
  }

  /** False when the record is another's by now. */
  async #attempt(lane: Lane, { chunks, outcomes, more }: Beside): Promise<boolean> {
    const values = [
      lane.number,
      lane.version,
      lane.epoch,
      ...laneValues(lane),
      chunks.map(({ number }) => number),
      chunks.map(({ bits }) => bits),
      outcomes.map(({ failure }) => failure.seq),
      outcomes.map(({ kind }) => kind),
      outcomes.map(({ failure }) => JSON.stringify(failure)),
    ];
    const write = async (session: Session) => (await session.rows(WRITE, values, "lane")).length === 1;
    if (more.length === 0) return write(this.#engine);
    return this.#engine.transaction(async (session) => {
      const ours = await write(session);
      for (const one of ours ? more : []) await one(session);
      return ours;
    });
  }

  /** Whether a write whose answer was lost did happen. It is read back, never assumed. */
  async #arrived({ number, version, epoch }: Lane): Promise<boolean> {
    const [now] = await this.#engine.patiently(() =>
      this.#engine.rows<{ version: number; epoch: number }>(
        "SELECT version, epoch FROM lane WHERE number = $1",
        [number],
      ),
    );
    if (now?.epoch !== epoch) throw this.#fenced();
    if (now.version === version) return false;
    this.#lane.version = now.version;
    return true;
  }

  #fenced(): CallsheetError {
    const { name, epoch } = this.#lane;
    this.#lost = new CallsheetError(
      "STATE_LOCKED",
      `The plugin ${name} is run by a newer owner; run ${epoch} may not store its progress any more.`,
      { hint: "This is an older host or daemon that should have ended; stop it." },
    );
    return this.#lost;
  }
}

function nothing(): Beside {
  return { chunks: [], outcomes: [], more: [] };
}
