/**
 * Writes one lane's record for the owner of its lease. Each write names the version it replaces, so that one of an older owner is
 * refused; what happens while a write is under way goes into the next one.
 */
import { CallsheetError } from "../../errors.ts";
import { fingerprint } from "../../fingerprint.ts";
import type { DoneChunk } from "../done-times.ts";
import type { LaneFailure, LeaseSeen } from "../journal.ts";
import type { Engine, Session } from "./engine.ts";
import type { Chunk } from "./handed.ts";
import { type Lane, laneValues, WRITTEN } from "./lane-rows.ts";
import { writeOnce } from "./once.ts";
import { translated } from "./trouble.ts";

export interface RecordedLine {
  kind: "failed" | "skipped";
  failure: LaneFailure;
}

/** What is stored together with the record. */
export interface Beside {
  chunks: Chunk[];
  outcomes: RecordedLine[];
  done: DoneChunk[];
  more: ((session: Session) => Promise<unknown>)[];
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

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
    INSERT INTO outcome (lane, seq, kind, failure, print)
    SELECT mine.number, o.seq, o.kind, o.failure, o.print
    FROM mine, unnest($${CHUNKS + 2}::bigint[], $${CHUNKS + 3}::text[], $${CHUNKS + 4}::text[], $${CHUNKS + 5}::text[])
      WITH ORDINALITY AS o (seq, kind, failure, print, place) ORDER BY o.place
  ), done AS (
    INSERT INTO done (lane, chunk, marks)
    SELECT mine.number, d.chunk, d.marks FROM mine, unnest($${CHUNKS + 6}::bigint[], $${CHUNKS + 7}::bytea[]) AS d (chunk, marks)
    ON CONFLICT (lane, chunk) DO UPDATE SET marks = excluded.marks
  )
  SELECT number FROM mine`;

/** What becomes of the right to write. */
export interface Tenure {
  /** A write that was sent at this time, by `performance.now()`, has succeeded. */
  renewed(sentAt: number): void;
  /** A newer owner was met. */
  lose(error: CallsheetError): void;
}

export interface LaneWriterParts {
  engine: Engine;
  /** As it is to be stored; changed by its owner between writes. */
  lane: Lane;
  /** Longest time to wait for the answer to a write, ms. Default: the engine's. */
  withinMs: number | undefined;
  tenure: Tenure;
}

export class LaneWriter {
  readonly #engine: Engine;
  readonly #lane: Lane;
  readonly #withinMs: number | undefined;
  readonly #tenure: Tenure;
  #beside: Beside = nothing();
  #waiters: Waiter[] = [];
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lost: CallsheetError | null = null;

  constructor({ engine, lane, withinMs, tenure }: LaneWriterParts) {
    this.#engine = engine;
    this.#lane = lane;
    this.#withinMs = withinMs;
    this.#tenure = tenure;
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

  /** Stored with what is stored next, or soon. @param done replaces what was to be stored of the same chunk */
  lazily(done: readonly DoneChunk[] = []): void {
    const fresh = new Set(done.map(({ number }) => number));
    this.#beside.done = [...this.#beside.done.filter(({ number }) => !fresh.has(number)), ...done];
    this.#timer ??= setTimeout(() => {
      if (!this.#lost) void this.store().catch(() => {});
    }, LAZY_MS).unref();
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
    const { result: version, sentAt } = await writeOnce(this.#engine, {
      write: async () => ((await this.#attempt(lane, beside)) ? lane.version + 1 : null),
      settle: () => this.#settle(lane),
      fenced: () => this.#fenced(),
    });
    this.#lane.version = version;
    this.#tenure.renewed(sentAt);
  }

  /** False when the record is another's by now. */
  async #attempt(lane: Lane, { chunks, outcomes, done, more }: Beside): Promise<boolean> {
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
      outcomes.map(({ failure }) => fingerprint(lane.id, failure)),
      done.map(({ number }) => number),
      done.map(({ bytes }) => bytes),
    ];
    const write = async (session: Session) =>
      (await session.rows(WRITE, values, "lane", this.#withinMs)).length === 1;
    if (more.length === 0) return write(this.#engine);
    return this.#engine.transaction(async (session) => {
      const ours = await write(session);
      for (const one of ours ? more : []) await one(session);
      return ours;
    });
  }

  async #settle({ number, version, epoch }: Lane) {
    const [now] = await this.#engine.rows<LeaseSeen>(
      "SELECT version, epoch FROM lane WHERE number = $1",
      [number],
      "lane-version",
      this.#withinMs,
    );
    if (now?.epoch !== epoch) return "another's" as const;
    // nobody else writes in this epoch, and one write at a time is under way
    return now.version === version ? ("as it was" as const) : { written: now.version };
  }

  #fenced(): CallsheetError {
    const { name, epoch } = this.#lane;
    this.#lost = new CallsheetError(
      "STATE_LOCKED",
      `The plugin ${name} is run by a newer owner; run ${epoch} may not store its progress any more.`,
      { hint: "This is an older host or daemon that should have ended; stop it." },
    );
    this.#tenure.lose(this.#lost);
    return this.#lost;
  }
}

function nothing(): Beside {
  return { chunks: [], outcomes: [], done: [], more: [] };
}
