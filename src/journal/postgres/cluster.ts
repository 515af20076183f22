/** The cluster as a daemon in it sees it. */
import { CallsheetError } from "../../errors.ts";
import type { Commands } from "../commands.ts";
import type {
  Cluster,
  ClusterView,
  Exchanged,
  HostMoves,
  HostRecord,
  LaneToOpen,
  Lease,
  LeaseSeen,
  PluginCopy,
  TogetherSeen,
} from "../journal.ts";
import { PostgresCommands } from "./commands.ts";
import { readCopy } from "./copies.ts";
import type { Engine } from "./engine.ts";
import { makeLane } from "./lanes.ts";
import { LeaseWatch } from "./lease-watch.ts";
import type { Membership } from "./membership.ts";
import { freedLane } from "./notices.ts";
import type { ReaderLease } from "./reader-lease.ts";
import { exchange } from "./said.ts";
import type { TogetherLease } from "./together.ts";
import { isAway, translated } from "./trouble.ts";

export interface ClusterParts {
  engine: Engine;
  member: Membership;
  reader: ReaderLease;
  /** null: lanes need not be together. */
  together: TogetherLease | null;
  /** Whether this daemon holds the lease of a lane. */
  holdsLane(id: string): boolean;
}

export class PostgresCluster implements Cluster {
  readonly commands: Commands;
  readonly #engine: Engine;
  readonly #member: Membership;
  readonly #reader: ReaderLease;
  readonly #together: TogetherLease | null;
  readonly #watch: LeaseWatch;

  constructor({ engine, member, reader, together, holdsLane }: ClusterParts) {
    this.commands = new PostgresCommands(engine, member);
    this.#engine = engine;
    this.#member = member;
    this.#reader = reader;
    this.#together = together;
    this.#watch = new LeaseWatch(engine, member, {
      reader: () => reader.holds,
      together: () => together?.holds ?? false,
      lane: holdsLane,
    });
  }

  get self(): HostRecord {
    return this.#member.record;
  }

  get leaseMs(): number {
    return this.#member.leaseMs;
  }

  get where(): string {
    return this.#engine.where;
  }

  get view(): ClusterView | null {
    return this.#watch.view;
  }

  get awaySince(): string | null {
    return this.#engine.awaySince?.toISOString() ?? null;
  }

  get readOnlySince(): string | null {
    return this.#engine.readOnlySince?.toISOString() ?? null;
  }

  looked(signal: AbortSignal): Promise<void> {
    return this.#watch.looked(signal);
  }

  /** Somebody has told that something is free; what of a lane is known by it is seen at once. */
  freed(payload: string): void {
    const lane = freedLane(payload, this.#engine.schema);
    if (lane) this.#watch.freed(lane);
    this.#watch.poke();
  }

  /** Somebody has told of something new. */
  poke(): void {
    this.#watch.poke();
  }

  openReader(seen: LeaseSeen | null): Promise<Lease> {
    return this.#reader.open(seen);
  }

  async openTogether(seen: TogetherSeen): Promise<Lease> {
    if (!this.#together)
      throw new CallsheetError("INTERNAL", "The lanes of this daemon need not be together.");
    const lease = await this.#together.open(seen);
    // its lanes are this daemon's since
    this.#watch.poke();
    return lease;
  }

  keepPlace(lane: LaneToOpen): Promise<void> {
    return makeLane(this.#engine, lane);
  }

  async exchange(words: string | null): Promise<Exchanged> {
    const { id, withinMs } = this.#member;
    try {
      return await exchange(this.#engine, { host: id, words, withinMs });
    } catch (error) {
      if (isAway(error)) this.#engine.noteAway(error, this.#member);
      throw translated(error, this.#engine.where);
    }
  }

  async copyOf(laneId: string): Promise<PluginCopy | null> {
    try {
      return await readCopy(this.#engine, laneId);
    } catch (error) {
      throw translated(error, this.#engine.where);
    }
  }

  tellCopies(copies: HostRecord["copies"]): Promise<void> {
    return this.#engine.patiently(() => this.#member.announce({ copies }));
  }

  tellMoves(moves: HostMoves): Promise<void> {
    return this.#member.announce({ moves });
  }

  announce(url: string): Promise<void> {
    return this.#engine.patiently(() => this.#member.announce({ url }));
  }

  leave(): Promise<void> {
    return this.#member.announce({ leaving: true });
  }

  async close(): Promise<void> {
    await this.#watch.stop();
    this.#reader.drop();
    this.#together?.drop();
    // the others find out by themselves, if it cannot be told
    await this.#member.leave().catch(() => {});
  }
}
