/** The reader's lease: whoever appends has raised its epoch, and every write of an older owner is refused. */
import { CallsheetError } from "../../errors.ts";
import type { AppendBatch, Lease, LeaseSeen } from "../journal.ts";
import { type Appended, append } from "./append.ts";
import { becameOf } from "./became.ts";
import type { Engine, Session } from "./engine.ts";
import { HeldLease } from "./held-lease.ts";
import { type Membership, wentBack } from "./membership.ts";
import { FREED } from "./notices.ts";
import { epochAfter, takeOnce, writeOnce } from "./once.ts";
import { readEvents } from "./read.ts";
import { readStanding, type Standing, takeReader, writeStanding } from "./standing.ts";
import { translated } from "./trouble.ts";

export class ReaderLease {
  readonly #engine: Engine;
  readonly #now: () => Date;
  readonly #member: Membership | null;
  /** As it was written last; null: not taken yet. */
  #standing: Standing | null = null;
  #lost: CallsheetError | null = null;
  #lease: HeldLease | null = null;
  /** Writes come one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  /** @param member null: it belongs to no cluster, and what it takes does not end by itself */
  constructor(engine: Engine, now: () => Date, member: Membership | null) {
    this.#engine = engine;
    this.#now = now;
    this.#member = member;
  }

  /** Takes it if nothing has happened to it since it was seen. @throws STATE_LOCKED */
  async open(seen: LeaseSeen | null): Promise<Lease> {
    this.#lease?.drop();
    this.#lost = null;
    const sentAt = performance.now();
    const standing = await takeOnce(
      this.#engine,
      (withinMs) => takeReader(this.#engine, this.#owner, { seen, withinMs }),
      (withinMs) => this.#taken(seen, withinMs),
    );
    if (!standing) throw this.#fenced();
    this.#standing = standing;
    this.#lease = this.#hold(sentAt);
    return this.#lease!;
  }

  /** Takes the lease when it has not got it. @throws STATE_LOCKED once it is another's, STATE_RESTORED when the database went back */
  append(batch: AppendBatch): Promise<Appended> {
    return this.write(
      (session, before) => append(session, before, batch, this.#now()),
      (now, before) => this.#whatArrived(before, now, batch),
    );
  }

  /**
   * Writes the standing with what belongs to it, in one transaction and once, whatever becomes of the answers; nothing else writes it meanwhile.
   * @param work may be tried again, when it had not been stored. null: the standing is another by now
   * @param stored what came of an attempt whose answer was lost, by the standing as it is since
   * @throws as `append`
   */
  write<T extends { standing: Standing }>(
    work: (session: Session, before: Standing) => Promise<T | null>,
    stored: (now: Standing, before: Standing) => Promise<T> | T,
  ): Promise<T> {
    return this.#inTurn(async (before) => {
      const { result, sentAt } = await writeOnce<T>(this.#engine, {
        write: () => this.#engine.transaction((session) => work(session, before)),
        settle: async (withinMs) => {
          const now = await this.#settle(before, withinMs);
          return typeof now === "string" ? now : { written: await stored(now.written, before) };
        },
        fenced: () => this.#fenced(),
      });
      this.#standing = result.standing;
      this.#lease?.renewed(sentAt);
      return result;
    });
  }

  #inTurn<T>(work: (before: Standing) => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => {
      try {
        return await work(await this.#own());
      } catch (error) {
        throw translated(error, this.#engine.where);
      }
    });
    this.#turn = done.catch(() => {});
    return done;
  }

  /** Another hand has begun the reading. Who holds the lease is fenced by that; who only made the row goes on with what it is now. */
  begun(): void {
    if (!this.#lease && this.#standing?.reader === null) this.#standing = null;
  }

  /** Lets go of it without a word. */
  drop(): void {
    this.#lease?.drop();
  }

  /** Whether it is this daemon's, as far as is known. */
  get holds(): boolean {
    return this.#lease?.ended === false;
  }

  get #owner(): string | null {
    return this.#member?.id ?? null;
  }

  async #own(): Promise<Standing> {
    if (this.#lost) throw this.#lost;
    // raising it once more after a lost answer does no harm
    this.#standing ??= await this.#engine.patiently(() => takeReader(this.#engine, this.#owner));
    return this.#standing!;
  }

  async #taken(seen: LeaseSeen | null, withinMs: number): Promise<Standing | null> {
    const now = await readStanding(this.#engine, withinMs);
    return now && now.owner === this.#owner && now.epoch === epochAfter(seen) ? now : null;
  }

  #hold(sentAt: number): HeldLease {
    return new HeldLease({
      ms: this.#member!.leaseMs,
      sentAt,
      write: () => this.#replace({}),
      giveBack: () => this.#replace({ owner: null }, (session) => session.rows(`NOTIFY ${FREED}`)),
    });
  }

  async #replace(change: Partial<Standing>, also?: (session: Session) => Promise<unknown>): Promise<void> {
    const replace = async (session: Session, before: Standing) => {
      const standing = { ...before, ...change, version: before.version + 1 };
      if (!(await writeStanding(session, before, standing))) return null;
      await also?.(session);
      return { standing };
    };
    await this.write(replace, (standing) => ({ standing }));
  }

  async #settle(before: Standing, withinMs: number) {
    const now = await readStanding(this.#engine, withinMs);
    const became = becameOf(before, now);
    if (became === "older") throw this.#lose(wentBack(this.#engine, this.#member));
    return became === "written" ? { written: now! } : became;
  }

  /** What of a batch was appended, as it was numbered. */
  async #whatArrived(before: Standing, standing: Standing, { events }: AppendBatch): Promise<Appended> {
    const stored = await readEvents(this.#engine, { afterSeq: before.lastSeq, limit: events.length });
    return { standing, events: stored, repeated: events.length - stored.length };
  }

  #fenced(): CallsheetError {
    const error = new CallsheetError(
      "STATE_LOCKED",
      "Another daemon reads the site now; this one may not append any more.",
      {
        hint: "One daemon of a cluster reads the site; this one should have stopped, and will be started again.",
      },
    );
    return this.#lose(error);
  }

  #lose(error: CallsheetError): CallsheetError {
    this.#lost = error;
    this.#lease?.lose(error);
    return error;
  }
}
