/**
 * The lease of all lanes as one, where an order across plugins needs them on one host. Whoever takes it takes every lane by the same
 * transaction, and a lane is opened only by who has it: so there is no moment in which two hosts have some of them each, whatever either
 * has seen before.
 */
import { CallsheetError } from "../../errors.ts";
import type { LeaseRecord, LeaseSeen, TogetherSeen } from "../journal.ts";
import { becameOf } from "./became.ts";
import type { Engine, Session } from "./engine.ts";
import { HeldLease } from "./held-lease.ts";
import type { Membership } from "./membership.ts";
import { FREED } from "./notices.ts";
import { writeOnce } from "./once.ts";

/** A lane is opened in one statement with this, and whoever takes the lease meanwhile comes before it or after it. */
export const UNDER_LEASE_OF_ALL = (owner: string, epoch: string): string =>
  `SELECT 1 FROM together WHERE owner = ${owner}::text AND epoch = ${epoch} FOR SHARE`;

const TAKE = `
  INSERT INTO together AS t (one, owner, epoch, version)
  SELECT 1, $1::text, 1, 1
  WHERE NOT EXISTS (SELECT 1 FROM move) AND ($2::bigint IS NULL OR EXISTS (SELECT 1 FROM together))
  ON CONFLICT (one) DO UPDATE SET owner = $1, epoch = t.epoch + 1, version = t.version + 1
    WHERE t.epoch = $2 AND t.version = $3::bigint
  RETURNING epoch, version`;
/**
 * Of the next host, before it opens them; one that is of the version before does not take them then. Whatever the one that had the lease
 * ($2) has done with them since they were seen: the lease bounds that one. Of others, those that are as they were seen.
 */
const TAKE_LANES = `
  UPDATE lane SET owner = $1, epoch = epoch + 1, version = version + 1
  WHERE owner IN ($1, $2) OR (owner IS NOT NULL AND (id, epoch, version) IN
    (SELECT * FROM unnest($3::text[], $4::bigint[], $5::bigint[])))`;
const ANOTHERS = "SELECT 1 FROM lane WHERE owner <> $1 LIMIT 1";

const MINE = "owner = $1::text AND epoch = $2 AND version = $3";
const RENEW = `UPDATE together SET version = version + 1 WHERE ${MINE} RETURNING version`;
/** With the lanes that were taken and never opened. */
const GIVE_BACK = `
  WITH mine AS (
    UPDATE together SET owner = NULL, version = version + 1 WHERE ${MINE} RETURNING version
  ), lanes AS (
    UPDATE lane SET owner = NULL, version = version + 1 WHERE owner = $1 AND EXISTS (SELECT 1 FROM mine)
  )
  SELECT version, pg_notify('${FREED}', '')::text FROM mine`;

export class TogetherLease {
  readonly #engine: Engine;
  readonly #member: Membership;
  #held: { lease: HeldLease; epoch: number } | null = null;

  constructor(engine: Engine, member: Membership) {
    this.#engine = engine;
    this.#member = member;
  }

  /** Takes it, and all lanes, if nothing has happened to either since they were seen; else nothing. @throws STATE_LOCKED */
  async open(seen: TogetherSeen): Promise<HeldLease> {
    this.drop();
    const sentAt = performance.now();
    // once more after a lost answer, it is refused, and seen to be nobody's
    const taken = await this.#engine.patiently(() =>
      this.#engine.transaction((session) => take(session, this.#member.id, seen)),
    );
    const lease = this.#hold(taken, sentAt);
    this.#held = { lease, epoch: taken.epoch };
    return lease;
  }

  /** Whether it is this daemon's, as far as is known. */
  get holds(): boolean {
    return this.#held?.lease.ended === false;
  }

  /** What lanes are opened by. @throws STATE_LOCKED when it is not held */
  get held(): { lease: HeldLease; epoch: number } {
    if (!this.#held || this.#held.lease.ended) throw fenced();
    return this.#held;
  }

  /** Lets go of it without a word. */
  drop(): void {
    this.#held?.lease.drop();
  }

  #hold({ epoch, version: first }: LeaseSeen, sentAt: number): HeldLease {
    let version = first;
    let renewing: Promise<void> | null = null;
    let turn: Promise<unknown> = Promise.resolve();
    const write = async (text: string) => {
      const { id, withinMs } = this.#member;
      const { result, sentAt: at } = await writeOnce<number>(this.#engine, {
        write: async () => {
          const values = [id, epoch, version];
          const [row] = await this.#engine.rows<LeaseSeen>(text, values, undefined, withinMs);
          return row?.version ?? null;
        },
        settle: () => this.#settle({ epoch, version }),
        fenced: () => {
          const error = fenced();
          lease.lose(error);
          return error;
        },
      });
      version = result;
      lease.renewed(at);
    };
    /** One write after the other. */
    const inTurn = (text: string): Promise<void> => {
      const done = turn.then(() => write(text));
      turn = done.catch(() => {});
      return done;
    };
    const lease: HeldLease = new HeldLease({
      ms: this.#member.leaseMs,
      sentAt,
      // all lanes wait for the same one
      write: () => {
        renewing ??= inTurn(RENEW).finally(() => {
          renewing = null;
        });
        return renewing;
      },
      giveBack: () => inTurn(GIVE_BACK),
    });
    return lease;
  }

  async #settle(before: LeaseSeen) {
    const [now] = await this.#engine.rows<Omit<LeaseRecord, "free">>(
      "SELECT owner, epoch, version FROM together",
      [],
      undefined,
      this.#member.withinMs,
    );
    const became = becameOf({ ...before, owner: this.#member.id }, now ?? null);
    if (became === "older") throw this.#member.wentBack();
    return became === "written" ? { written: before.version + 1 } : became;
  }
}

/** @throws STATE_LOCKED when they are not as they were seen, or the whole state was moved away: to be rolled back */
async function take(session: Session, owner: string, { together, lanes }: TogetherSeen): Promise<LeaseSeen> {
  const values = [owner, together?.epoch ?? null, together?.version ?? null];
  const [taken] = await session.rows<LeaseSeen>(TAKE, values);
  if (!taken) throw fenced();
  // a statement of its own: what was opened until the row was this one's is seen by it
  await session.rows(TAKE_LANES, [
    ...[owner, together?.owner ?? null],
    ...[lanes.map(({ id }) => id), lanes.map(({ epoch }) => epoch), lanes.map(({ version }) => version)],
  ]);
  // of a living host that knows of no such lease: its lane was renewed, or taken, since the look
  if ((await session.rows(ANOTHERS, [owner])).length > 0) throw fenced();
  return taken;
}

function fenced(): CallsheetError {
  return new CallsheetError(
    "STATE_LOCKED",
    "Another daemon of the cluster runs the plugins, whose order needs one place.",
  );
}
