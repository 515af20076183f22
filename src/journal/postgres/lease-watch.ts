/**
 * Looks at who holds which lease, and counts for how long each record has not changed: only time in which the database could be
 * asked, on this machine's monotonic clock. Where a record stays as it was for the whole time of its owner's lease, that has let it go.
 */

import type { LaneCommand } from "../commands.ts";
import type { ClusterView, HostRecord, LaneLease, LeaseRecord } from "../journal.ts";
import { type MoveMark, movedAway } from "../moving/mark.ts";
import { Waiting } from "../waiting.ts";
import { PENDING } from "./commands.ts";
import type { Engine } from "./engine.ts";
import { Rising } from "./history/check.ts";
import { LeaseLengths } from "./lease-lengths.ts";
import { LEASE_MS, type Membership } from "./membership.ts";
import { tooNew } from "./migrate.ts";
import { FORMAT } from "./migrations.ts";
import { placeOf } from "./moving/mark.ts";
import type { FreedLane } from "./notices.ts";
import { translated } from "./trouble.ts";

interface RowOfHost extends Omit<HostRecord, "labels" | "copies" | "moves"> {
  labels: string;
  copies: string;
  moves: string | null;
  beat: number;
  leaseMs: number | null;
}

interface Row {
  lanes: Omit<LaneLease, "free">[] | null;
  reader: Omit<LeaseRecord, "free"> | null;
  together: Omit<LeaseRecord, "free"> | null;
  hosts: RowOfHost[] | null;
  move: MoveMark | null;
  commands: LaneCommand[] | null;
  identity: string;
  oldest: number;
}

const LOOK = `SELECT
  (SELECT json_agg(l) FROM (
    SELECT id, path, owner, epoch, version,
      CASE WHEN c.lane IS NOT NULL THEN json_build_object('sha256', sha256, 'changedAt', changed_at, 'host', host, 'runsOn', runs_on) END AS copy
    FROM lane LEFT JOIN copy AS c ON c.lane = number) AS l) AS lanes,
  (SELECT row_to_json(r) FROM (SELECT owner, epoch, version FROM reader) AS r) AS reader,
  (SELECT row_to_json(t) FROM (SELECT owner, epoch, version FROM together) AS t) AS together,
  (SELECT json_agg(h) FROM (SELECT name, id, beat, labels, weight, version, url, leaving, copies, moves, ${LEASE_MS} AS "leaseMs" FROM host ORDER BY name) AS h) AS hosts,
  (SELECT row_to_json(m) FROM (SELECT kind, id, other, machine, at FROM move) AS m) AS move,
  (SELECT json_agg(c) FROM (${PENDING}) AS c) AS commands,
  (SELECT id FROM identity ORDER BY number DESC LIMIT 1) AS identity,
  (SELECT oldest FROM format) AS oldest`;

const LOOKS_A_LEASE = 30;
const LONGEST_PAUSE_MS = 500;
/** A step longer than so many pauses was no looking: this process stood still. */
const MOST_PAUSES_A_STEP = 4;
const BEATS_A_LEASE = 3;
/** A host that was not heard of for so many leases is forgotten. */
const FORGOTTEN_AFTER = 4;

/** Which leases this daemon holds. */
export interface HeldLeases {
  reader(): boolean;
  together(): boolean;
  lane(id: string): boolean;
}

export class LeaseWatch {
  view: ClusterView | null = null;
  readonly #engine: Engine;
  readonly #member: Membership;
  readonly #holds: HeldLeases;
  readonly #waiting = new Waiting();
  readonly #rising: Rising;
  readonly #lengths: LeaseLengths;
  /** Record → what it was at the last look, for how long it has been that, and after how long its owner has let it go, ms. */
  #unchanged = new Map<string, { mark: string; forMs: number; ofMs: number }>();
  /** Lane → that it was given back, where a look that was under way may not have seen it yet. */
  readonly #freed = new Map<string, FreedLane & { before: number }>();
  /** Looks that were begun. */
  #begun = 0;
  #looks = 0;
  #lookedAt: number | null = null;
  #beatAt = performance.now();
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> | null = null;
  #again = false;
  #broken: unknown = null;
  #stopped = false;

  constructor(engine: Engine, member: Membership, holds: HeldLeases) {
    this.#engine = engine;
    this.#member = member;
    this.#rising = new Rising(engine.where);
    this.#holds = holds;
    this.#lengths = new LeaseLengths(member.leaseMs);
    this.poke();
  }

  /** Looks now. */
  poke(): void {
    if (this.#stopped) return;
    if (this.#looking) this.#again = true;
    else this.#looking = this.#lookOn();
  }

  /** A lane was given back. Whoever waits for that need not wait until it was looked at; the next look sees what came after. */
  freed(told: FreedLane): void {
    const { id, epoch, version } = told;
    const { view } = this;
    const known = view?.lanes.find((lane) => lane.id === id);
    if (!known || known.epoch !== epoch || known.version >= version) return;
    this.#freed.set(id, { ...told, before: this.#begun });
    const free = { ...known, owner: null, version, free: true };
    this.view = { ...view!, lanes: view!.lanes.map((lane) => (lane === known ? free : lane)) };
    this.#looked();
  }

  /** Resolves at the end of the next look. @throws the signal's reason; STATE_LOCKED, STATE_MOVED */
  async looked(signal: AbortSignal): Promise<void> {
    if (this.#broken) throw this.#broken;
    await this.#waiting.until(this.#looks, signal);
    if (this.#broken) throw this.#broken;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer) clearTimeout(this.#timer);
    await this.#looking;
  }

  get #pauseMs(): number {
    return Math.min(LONGEST_PAUSE_MS, this.#member.leaseMs / LOOKS_A_LEASE);
  }

  async #lookOn(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    do {
      this.#again = false;
      try {
        await this.#look();
      } catch (error) {
        // time in which the database could not be asked does not count
        this.#lookedAt = null;
        this.#notice(error);
      }
    } while (this.#again && !this.#stopped);
    this.#looking = null;
    if (!this.#stopped) this.#timer = setTimeout(() => this.poke(), this.#nextMs()).unref();
  }

  async #look(): Promise<void> {
    const { leaseMs, withinMs } = this.#member;
    if (performance.now() - this.#beatAt >= leaseMs / BEATS_A_LEASE) {
      this.#beatAt = performance.now();
      await this.#member.beat();
    }
    this.#begun += 1;
    const [row] = await this.#engine.rows<Row>(LOOK, [], "leases", withinMs);
    const now = performance.now();
    const stepMs = this.#lookedAt === null ? 0 : now - this.#lookedAt;
    this.#lookedAt = now;
    if (row!.oldest > FORMAT.steps.length) throw tooNew(this.#engine, row!.oldest);
    if (row!.move) throw movedAway(placeOf(this.#engine), row!.move);
    if (!this.#rising.check(row!.identity, versionsOf(row!))) this.#member.wentBack();
    // or a write met it first, or another host
    if (this.#member.older) throw this.#member.older;
    this.#see(row!, Math.min(stepMs, this.#pauseMs * MOST_PAUSES_A_STEP));
    this.#looked();
  }

  #looked(): void {
    this.#looks += 1;
    this.#waiting.grown(this.#looks);
  }

  #see({ lanes, reader, together, hosts, commands }: Row, stepMs: number): void {
    const before = this.#unchanged;
    this.#unchanged = new Map();
    this.#lengths.see(
      hosts ?? [],
      [...(lanes ?? []), ...[reader, together].filter((one) => one !== null)].map(({ owner }) => owner),
    );
    const age = (key: string, mark: string, owner: string | null) => {
      const known = before.get(key);
      const forMs = known?.mark === mark ? known.forMs + stepMs : 0;
      const ofMs = this.#lengths.of(owner);
      this.#unchanged.set(key, { mark, forMs, ofMs });
      return { forMs, ofMs };
    };
    const holds = this.#holds;
    const lease = <T extends Omit<LeaseRecord, "free">>(
      key: string,
      record: T,
      holds: () => boolean,
    ): T & LeaseRecord => {
      const { forMs, ofMs } = age(key, `${record.epoch}.${record.version}`, record.owner);
      const isFree = this.#isOwn(record) ? !holds() : forMs >= ofMs;
      return { ...record, free: record.owner === null || isFree };
    };
    const alive = (hosts ?? []).filter(({ id, name, beat }) => {
      const { forMs, ofMs } = age(`host ${id}`, String(beat), id);
      if (forMs >= ofMs * FORGOTTEN_AFTER) this.#forget(name, id, beat);
      return forMs < ofMs || id === this.#member.id;
    });
    this.view = {
      hosts: alive.map(({ beat: _, leaseMs: __, labels, copies, moves, ...host }) => ({
        ...host,
        labels: JSON.parse(labels) as string[],
        copies: JSON.parse(copies) as HostRecord["copies"],
        moves: moves === null ? null : (JSON.parse(moves) as HostRecord["moves"]),
      })),
      lanes: (lanes ?? []).map(
        (lane): LaneLease => lease(lane.id, this.#asTold(lane), () => holds.lane(lane.id)),
      ),
      reader: reader && lease("reader", reader, holds.reader),
      together: together && lease("together", together, holds.together),
      commands: commands ?? [],
    };
  }

  /** As a notification said, where this look was under way by then. */
  #asTold<T extends Omit<LaneLease, "free">>(lane: T): T {
    const told = this.#freed.get(lane.id);
    if (told?.before === this.#begun && told.epoch === lane.epoch && told.version > lane.version)
      return { ...lane, owner: null, version: told.version };
    this.#freed.delete(lane.id);
    return lane;
  }

  #isOwn({ owner }: { owner: string | null }): boolean {
    return owner === this.#member.id;
  }

  #forget(name: string, id: string, beat: number): void {
    this.#engine
      .rows(
        `WITH gone AS (DELETE FROM host WHERE name = $1 AND id = $2 AND beat = $3 RETURNING id)
         DELETE FROM said WHERE host IN (SELECT id FROM gone)`,
        [name, id, beat],
      )
      // at the next look again
      .catch(() => {});
  }

  #notice(error: unknown): void {
    if (this.#stopped) return;
    const told = translated(error, this.#engine.where);
    const code = (told as { code?: string } | null)?.code;
    if (code === "STATE_UNUSABLE") return void this.#engine.noteAway(error, this.#member);
    // whoever stores something tells of it
    if (code === "STATE_FULL") return;
    this.#broken = told;
    this.#waiting.grown(Number.POSITIVE_INFINITY);
  }

  /** Sooner where a lease is about to have run out. */
  #nextMs(): number {
    const left = [...this.#unchanged.values()].map(({ forMs, ofMs }) => ofMs - forMs).filter((ms) => ms > 0);
    return Math.max(5, Math.min(this.#pauseMs, ...left));
  }
}

function versionsOf({ lanes, reader, together }: Row): [string, number][] {
  return [
    ...(lanes ?? []).map(({ id, version }): [string, number] => [`lane ${id}`, version]),
    ...(reader ? [["reader", reader.version] as [string, number]] : []),
    ...(together ? [["together", together.version] as [string, number]] : []),
  ];
}
