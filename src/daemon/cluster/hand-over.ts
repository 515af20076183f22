/**
 * A lane that goes from one host to another while both are there. The host that has it offers it to the other, which loads the plugin
 * beforehand and says that it is ready; then the lease goes over, and the next event begins at once. Where anything of this does not
 * happen in time, the lane is let go all the same, and whoever takes it loads the plugin then.
 */
import type { Cluster, HostRecord, LaneJournal, LaneLease } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import type { Host, HostStart, HostStarter, LoadedModule, PluginFile } from "../host.ts";
import type { Allotment } from "./allotment.ts";
import { WarmHost } from "./warm-host.ts";

export interface HandOverParts {
  cluster: Cluster;
  allotment: Pick<Allotment, "successorOf" | "betterFor" | "isFit" | "together">;
  /** Starts a host. */
  start: HostStarter;
  /** Paths of the modules whose content is no longer what was loaded. */
  changed(modules: readonly LoadedModule[]): Promise<string[]>;
  /** How long an event in hand may take at a stop, ms; a host that is to be ready is not waited for longer either. */
  graceMs: number;
  log: Log;
}

/** A lane of this daemon. */
interface Offered {
  readonly file: PluginFile;
  readonly laneJournal: Pick<LaneJournal, "id" | "lease">;
}

interface Warm {
  lane: string;
  host: WarmHost;
  /** As ready as it will be. */
  ready: boolean;
  /** Hash of the files that the lane ran with then, and that were here. */
  sha256: string | undefined;
  /** Whether its files were still those that it has loaded when its lane was about to be this daemon's. */
  isAsItIs?: boolean;
}

/** A host that is to be ready is not waited for longer, ms. */
const READY_WITHIN_MS = 10_000;

export class HandOver {
  readonly #parts: HandOverParts;
  /** Lane id → whom this daemon offers it to, and since when. */
  readonly #offers = new Map<string, { to: string; since: number }>();
  /** Path → the plugin that was offered to this daemon. */
  readonly #warm = new Map<string, Warm>();
  #telling: Promise<void> | null = null;

  constructor(parts: HandOverParts) {
    this.#parts = parts;
  }

  /** Starts a host, or takes the one that is there already. */
  readonly start: HostStarter = async (start) => (await this.#taken(start)) ?? this.#parts.start(start);

  /**
   * Of lanes of this daemon, those that go to another host now. One at a time is offered to who is to have it, since one that goes is not to
   * wait while others are loaded; but where an order across plugins needs all of them in one place, all, and they go when all are due.
   */
  due<T extends Offered>(lanes: readonly T[]): { lane: T; to: HostRecord }[] {
    const { together } = this.#parts.allotment;
    const moving: { lane: T; to: HostRecord; isDue: boolean }[] = [];
    for (const lane of lanes) {
      const { id, lease } = lane.laneJournal;
      // what has run out is not its to hand over: another has it, or is about to
      const to = lease?.held.aborted ? null : this.#parts.allotment.betterFor(lane.file);
      if (!to) this.withdraw(id);
      else if (together || this.#offers.size === 0 || this.#offers.has(id))
        moving.push({ lane, to, isDue: this.#isDue(id, to) });
    }
    // all or none, since who is to have them takes them at once
    const all =
      moving.length === lanes.length && moving.every(({ isDue, to }) => isDue && to.id === moving[0]!.to.id);
    if (together && !all) return [];
    return moving.filter(({ isDue }) => isDue);
  }

  /** It stays, or is given back by now. */
  withdraw(lane: string): void {
    if (this.#offers.delete(lane)) this.#tell();
  }

  /**
   * Resolves when a lane of this daemon, which is about to end, may be given back.
   * @returns whether there is another host that is to have it
   */
  async untilDue(file: PluginFile, lane: string): Promise<boolean> {
    const { cluster, allotment } = this.#parts;
    const late = AbortSignal.timeout(this.#withinMs);
    for (;;) {
      const to = cluster.self.leaving && allotment.successorOf(file);
      if (!to || this.#isDue(lane, to)) return Boolean(to);
      try {
        await cluster.looked(late);
      } catch {
        return true;
      }
    }
  }

  /** Whether it is loaded, with the files that are here now, and the lane ran with the same last. */
  async isReadyFor({ path }: PluginFile): Promise<boolean> {
    const warm = this.#warm.get(path);
    const host = warm && (await warm.host.loaded);
    if (!host || warm.sha256 !== this.#leaseOf(path)?.copy?.sha256) return false;
    warm.isAsItIs = await this.#isAsItIs(host);
    return warm.isAsItIs;
  }

  /** Loads what is offered to this daemon, and lets go of what is not any more. */
  look(idle: readonly PluginFile[]): void {
    for (const [path, { host }] of this.#warm) {
      const lease = this.#leaseOf(path);
      if (lease && (lease.free || this.#isOffered(lease))) continue;
      this.#warm.delete(path);
      void host.discard();
    }
    for (const file of idle) {
      const lease = this.#leaseOf(file.path);
      if (lease && !this.#warm.has(file.path) && this.#isOffered(lease)) void this.#warmUp(file, lease);
    }
    this.#tell();
  }

  /** What is there for nothing ends. */
  async close(): Promise<void> {
    const warm = [...this.#warm.values()];
    this.#warm.clear();
    await Promise.all(warm.map(({ host }) => host.discard()));
  }

  async #warmUp(file: PluginFile, { id: lane, owner, copy }: LaneLease): Promise<void> {
    const { cluster, allotment, log } = this.#parts;
    if (!(await allotment.isFit(file)) || this.#warm.has(file.path)) return;
    const host = new WarmHost(file, this.#parts.start);
    const entry: Warm = { lane, host, ready: false, sha256: copy?.sha256 };
    this.#warm.set(file.path, entry);
    const loaded = await host.loaded;
    entry.ready = true;
    this.#tell();
    const from = cluster.view?.hosts.find(({ id }) => id === owner)?.name ?? "its host";
    if (loaded) log.info(`${file.name} is ready to be taken over from ${from}`, { plugin: file.name });
  }

  /** null: nothing was loaded, or not what is there now. */
  async #taken(start: HostStart): Promise<Host | null> {
    const { path } = start.plugin;
    const warm = start.replay ? undefined : this.#warm.get(path);
    if (!warm) return null;
    this.#warm.delete(path);
    this.#tell();
    return warm.host.giveTo(start, async (host) => warm.isAsItIs ?? this.#isAsItIs(host));
  }

  async #isAsItIs({ modules }: Host): Promise<boolean> {
    return (await this.#parts.changed(modules)).length === 0;
  }

  /** Whether a lane may go to that host now: it is ready, or will not be in time. It is offered to it. */
  #isDue(lane: string, to: HostRecord): boolean {
    const offer = this.#offers.get(lane);
    if (offer?.to !== to.id) this.#offer(lane, to, offer?.since ?? performance.now());
    const host = this.#parts.cluster.view?.hosts.find(({ id }) => id === to.id);
    const waitedMs = performance.now() - this.#offers.get(lane)!.since;
    return !host?.moves || host.leaving || host.moves.ready.includes(lane) || waitedMs >= this.#withinMs;
  }

  #offer(lane: string, { id }: HostRecord, since: number): void {
    this.#offers.set(lane, { to: id, since });
    this.#tell();
  }

  #isOffered({ id, owner, free }: LaneLease): boolean {
    const { view, self } = this.#parts.cluster;
    const host = free || owner === self.id ? undefined : view?.hosts.find((one) => one.id === owner);
    return host?.moves?.offers[id] === self.id && !self.leaving;
  }

  #leaseOf(path: string): LaneLease | undefined {
    return this.#parts.cluster.view?.lanes.find((lane) => lane.path === path);
  }

  get #withinMs(): number {
    return Math.min(READY_WITHIN_MS, this.#parts.graceMs);
  }

  /** All that is said in this turn at once. */
  #tell(): void {
    this.#telling ??= Promise.resolve()
      .then(() => {
        this.#telling = null;
        return this.#tellNow();
      })
      // it goes with the next sign of life, if not now
      .catch(() => {});
  }

  async #tellNow(): Promise<void> {
    const { cluster } = this.#parts;
    const offers = Object.fromEntries(Array.from(this.#offers, ([lane, { to }]) => [lane, to]));
    const ready = [...this.#warm.values()].filter((one) => one.ready).map(({ lane }) => lane);
    const moves = { offers, ready };
    if (JSON.stringify(moves) !== JSON.stringify(cluster.self.moves)) await cluster.tellMoves(moves);
  }
}
