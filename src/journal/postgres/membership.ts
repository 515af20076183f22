/** This daemon in the cluster: its own row, which says that it is there. */
import { randomUUID } from "node:crypto";
import { CallsheetError } from "../../errors.ts";
import type { Log } from "../../log/log.ts";
import type { HostMoves, HostRecord } from "../journal.ts";
import type { Starting } from "../starting.ts";
import type { Engine } from "./engine.ts";
import { OLDER, restored } from "./history/check.ts";
import type { Remembering } from "./history/remember.ts";
import { FORMAT } from "./migrations.ts";
import { type Holder, holderOf, NAMES, untilNameIsFree, whoOf } from "./name.ts";
import { FREED, OLDER_NOW } from "./notices.ts";
import { NO_RUNS, type Runs } from "./runs.ts";
import { unsay } from "./said.ts";

export interface MemberOptions {
  name: string;
  labels: readonly string[];
  weight: number;
  version: string;
  /** How long a lease lasts, ms. */
  leaseMs: number;
  /** Its lanes are all on one host, as an order across them needs it. Default: false. */
  together?: boolean;
}

/** How long the leases of a host's row last; null: its version does not say, and left what the one before of this name said. */
export const LEASE_MS = "CASE WHEN lease_of = id THEN lease_ms END";

/** Who takes the name, for people. */
const HOLDER = `json_build_object('id', $2::text, 'from', host(inet_client_addr()), 'since', (extract(epoch FROM now()) * 1000)::bigint)::text`;

const NO_MOVES: HostMoves = { offers: {}, ready: [] };
/** A small statement has this part of a lease to be answered in. */
const ANSWER_WITHIN = 1 / 3;

export class Membership {
  readonly id = randomUUID();
  readonly leaseMs: number;
  /** Its lanes are opened by the lease of all. */
  readonly together: boolean;
  readonly #engine: Engine;
  #record: HostRecord;
  #remembering: Remembering | null = null;
  #told: Promise<void> = Promise.resolve();
  #older: CallsheetError | null = null;

  constructor(engine: Engine, { leaseMs, together = false, ...said }: MemberOptions) {
    this.#engine = engine;
    this.leaseMs = leaseMs;
    this.together = together;
    this.#record = { ...said, id: this.id, url: null, leaving: false, copies: {}, moves: NO_MOVES };
  }

  get record(): HostRecord {
    return this.#record;
  }

  /** Longest time to wait for the answer of a small statement, ms. */
  get withinMs(): number {
    return this.leaseMs * ANSWER_WITHIN;
  }

  /**
   * Takes the name, also from a daemon that had it and is not heard of any more.
   * @param runs of the folder that this daemon has
   * @throws STATE_LOCKED when whoever has it is heard of; the reason of `starting.signal`
   */
  async join(runs: Runs = NO_RUNS, log?: Log, starting?: Starting): Promise<void> {
    const { name } = this.#record;
    const wanted = { name, leaseMs: this.leaseMs, ended: runs.before, log, starting };
    runs.begin(this.id);
    for (;;) {
      const holder = await untilNameIsFree(this.#engine, wanted);
      if (await this.#engine.patiently(() => this.#write(holder))) break;
    }
    runs.joined(this.id);
    // of daemons that were killed, and of the one before of this name
    await this.#engine.patiently(() =>
      this.#engine.rows("DELETE FROM said WHERE host NOT IN (SELECT id FROM host)"),
    );
  }

  /** Says that it is still there. @throws STATE_LOCKED when another daemon has taken its name */
  async beat(): Promise<void> {
    if (await this.#write(null)) return;
    const { name } = this.#record;
    const holder = await holderOf(this.#engine, name).catch(() => null);
    throw new CallsheetError(
      "STATE_LOCKED",
      `Another daemon of the cluster was started with the name ${name}${holder ? whoOf(holder) : ""} while nothing was heard of this one, which gives way.`,
      { hint: NAMES },
    );
  }

  /** One after the other: what was said last stands. */
  announce(change: Partial<Pick<HostRecord, "url" | "leaving" | "copies" | "moves">>): Promise<void> {
    this.#record = { ...this.#record, ...change };
    this.#told = this.#told.catch(() => {}).then(() => this.#tell());
    return this.#told;
  }

  /** From now on it is kept what is seen of the database. */
  remember(remembering: Remembering): void {
    this.#remembering = remembering;
  }

  /** What ends this daemon: the database is older than it was a moment ago. null: it is not, as far as is known. */
  get older(): CallsheetError | null {
    return this.#older;
  }

  /** The database is older than it was a moment ago: kept, and told to the others, who may have seen nothing of what is gone. */
  wentBack(): CallsheetError {
    if (this.#older) return this.#older;
    this.#older = restored(this.#engine.where, OLDER, null);
    this.#remembering?.wentBack();
    const { schema } = this.#engine;
    this.#engine
      .rows("SELECT pg_notify($1, $2)", [OLDER_NOW, schema], undefined, this.withinMs)
      // they are told once; what they write is held against what they wrote in any case
      .catch(() => {});
    return this.#older;
  }

  /** Another has found it so. */
  heardOlder(schema: string): void {
    if (schema === this.#engine.schema && !this.#older) this.wentBack();
  }

  async leave(): Promise<void> {
    await this.#remembering?.stop();
    await this.#engine.rows("DELETE FROM host WHERE id = $1", [this.id], undefined, this.withinMs);
    await unsay(this.#engine, this.id, this.withinMs);
  }

  async #tell(): Promise<void> {
    await this.beat();
    await this.#engine.rows(`NOTIFY ${FREED}`, [], undefined, this.withinMs);
  }

  /** @param over whose row may be replaced, as it was seen. @returns false when it is another's */
  async #write(over: Holder | null): Promise<boolean> {
    const { id, name, labels, weight, version, url, leaving, copies, moves } = this.#record;
    const rows = await this.#engine.rows(
      `INSERT INTO host AS h (name, id, beat, labels, weight, version, url, leaving, copies, format, moves, lease_of, lease_ms, holder)
       VALUES ($1, $2, 1, $3, $4, $5, $6, $7, $9, $10, $11, $2, $12, ${HOLDER})
       ON CONFLICT (name) DO UPDATE SET id = $2, beat = h.beat + 1, labels = $3, weight = $4, version = $5, url = $6, leaving = $7, copies = $9, format = $10,
         moves = $11, lease_of = $2, lease_ms = $12, holder = CASE WHEN h.id = $2 THEN h.holder ELSE excluded.holder END
         WHERE h.id = $2 OR (h.id = $8 AND h.beat = $13) RETURNING name`,
      [
        ...[name, id, JSON.stringify(labels), weight, version, url, leaving, over?.id ?? null],
        ...[JSON.stringify(copies), FORMAT.steps.length, JSON.stringify(moves), this.leaseMs],
        over?.beat ?? null,
      ],
      "beat",
      this.withinMs,
    );
    this.#engine.taken(this);
    return rows.length === 1;
  }
}

/** A record was found older than it was written. @param member null: it belongs to no cluster. @returns what to throw */
export function wentBack(engine: Engine, member: Membership | null): CallsheetError {
  return member?.wentBack() ?? restored(engine.where, OLDER, null);
}
