/**
 * Writes one lane's record for the owner of its lease. Each write names the version it replaces, so that one of an older owner is
 * refused; what happens while a write is under way goes into the next one.
 */
import { CallsheetError } from "../../errors.ts";
import type { DoneChunk } from "../done-times.ts";
import type { LeaseRecord } from "../journal.ts";
import { becameOf } from "./became.ts";
import type { Engine } from "./engine.ts";
import type { Lane } from "./lane-rows.ts";
import { type Beside, writeLane } from "./lane-write.ts";
import { writeOnce } from "./once.ts";
import { translated } from "./trouble.ts";

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

/** A move that nobody waits for is stored at the latest after this time, ms. */
const LAZY_MS = 500;

/** What becomes of the right to write. */
export interface Tenure {
  /** A write that was sent at this time, by `performance.now()`, has succeeded. */
  renewed(sentAt: number): void;
  /** A newer owner was met, or the database is older than it was. */
  lose(error: CallsheetError): void;
}

export interface LaneWriterParts {
  engine: Engine;
  /** As it is to be stored; changed by its owner between writes. */
  lane: Lane;
  /** Longest time to wait for the answer to a write, ms. Default: the engine's. */
  withinMs: number | undefined;
  tenure: Tenure;
  /** The database is older than it was. @returns what to throw */
  wentBack(): CallsheetError;
}

export class LaneWriter {
  readonly #engine: Engine;
  readonly #lane: Lane;
  /** As it was stored last. */
  #stored: Lane;
  readonly #withinMs: number | undefined;
  readonly #tenure: Tenure;
  readonly #wentBack: () => CallsheetError;
  #beside: Beside = nothing();
  /** What the record is to be once the next write has succeeded. */
  #change: Partial<Lane> = {};
  /** The same of the write under way. */
  #sent: Partial<Lane> = {};
  #waiters: Waiter[] = [];
  #writing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lost: CallsheetError | null = null;

  constructor({ engine, lane, withinMs, tenure, wentBack }: LaneWriterParts) {
    this.#engine = engine;
    this.#lane = lane;
    this.#stored = { ...lane };
    this.#withinMs = withinMs;
    this.#tenure = tenure;
    this.#wentBack = wentBack;
  }

  /** Whether the lane is stored with all that these say of it, and nothing else waits to be stored. */
  isStored(...keys: readonly (keyof Lane)[]): boolean {
    const waits = this.#timer !== null || this.#waiters.length > 0;
    return !waits && keys.every((key) => !(key in this.#sent) && this.#stored[key] === this.#lane[key]);
  }

  /** As it was stored last. */
  get stored(): Readonly<Lane> {
    return this.#stored;
  }

  get lost(): boolean {
    return this.#lost !== null;
  }

  /** @throws STATE_LOCKED when a newer owner was met, STATE_RESTORED when the database was older than it */
  own(): void {
    if (this.#lost) throw this.#lost;
  }

  /**
   * Resolves when the record as it is now is stored, with what is given.
   * @param change of the record, which stays as it is when this is refused
   * @throws STATE_LOCKED, STATE_RESTORED, STATE_FULL, STATE_UNUSABLE
   */
  store(beside: Partial<Beside> = {}, change: Partial<Lane> = {}): Promise<void> {
    this.own();
    Object.assign(this.#change, change);
    this.#beside.chunks.push(...(beside.chunks ?? []));
    this.#beside.outcomes.push(...(beside.outcomes ?? []));
    this.#beside.more.push(...(beside.more ?? []));
    this.#beside.freed ||= beside.freed ?? false;
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
    const change = this.#change;
    this.#waiters = [];
    this.#change = {};
    this.#beside = nothing();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    try {
      this.own();
      this.#sent = change;
      await this.#write({ ...this.#lane, ...change }, beside);
      Object.assign(this.#lane, change);
      for (const { resolve } of waiters) resolve();
    } catch (error) {
      for (const { reject } of waiters) reject(translated(error, this.#engine.where));
    } finally {
      this.#sent = {};
    }
  }

  async #write(lane: Lane, beside: Beside): Promise<void> {
    const { result: version, sentAt } = await writeOnce(this.#engine, {
      write: async () => ((await this.#attempt(lane, beside)) ? lane.version + 1 : null),
      settle: (withinMs) => this.#settle(lane, this.#withinMs ?? withinMs),
      fenced: () => this.#fenced(),
    });
    this.#lane.version = version;
    this.#stored = lane;
    this.#tenure.renewed(sentAt);
  }

  /** False when the record is another's by now. */
  #attempt(lane: Lane, beside: Beside): Promise<boolean> {
    const what = { lane, stored: this.#stored, withinMs: this.#withinMs };
    const { more } = beside;
    if (more.length === 0) return writeLane(this.#engine, what, beside);
    return this.#engine.transaction(async (session) => {
      const ours = await writeLane(session, what, beside);
      for (const one of ours ? more : []) await one(session);
      return ours;
    });
  }

  async #settle({ number, version }: Lane, withinMs: number) {
    const [now] = await this.#engine.rows<Omit<LeaseRecord, "free">>(
      "SELECT owner, version, epoch FROM lane WHERE number = $1",
      [number],
      "lane-version",
      withinMs,
    );
    const became = becameOf({ ...this.#stored, version }, now ?? null);
    if (became === "older") throw this.#lose(this.#wentBack());
    return became === "written" ? { written: version + 1 } : became;
  }

  #fenced(): CallsheetError {
    const { name, epoch } = this.#lane;
    const error = new CallsheetError(
      "STATE_LOCKED",
      `The plugin ${name} is run by a newer owner; run ${epoch} may not store its progress any more.`,
      { hint: "This is an older host or daemon that should have ended; stop it." },
    );
    return this.#lose(error);
  }

  #lose(error: CallsheetError): CallsheetError {
    this.#lost = error;
    this.#tenure.lose(error);
    return error;
  }
}

function nothing(): Beside {
  return { chunks: [], outcomes: [], done: [], more: [], freed: false };
}
