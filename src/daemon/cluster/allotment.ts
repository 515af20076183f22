/**
 * Which plugins this daemon runs, and when it may take them; who comes first is in `ranking.ts`. A plugin whose lease is free goes to the
 * host that ranks first for it; when that one does not take it, to the next, a third of a lease later, and sooner when its last host has
 * died. One that runs stays where it is for two leases, and until a host that ranks higher has been there for as long.
 */
import { parse } from "node:path";
import type { HostRecord, LaneJournal, LaneLease, LeaseSeen } from "../../journal/journal.ts";
import type { Host, PluginFile } from "../host.ts";
import { agreedOn, lacksFile, otherCopy } from "./agreement.ts";
import type { Copies } from "./copies.ts";
import { isAway } from "./locked.ts";
import type { Moved } from "./moved.ts";
import { type Placed, Ranking, type RankingParts } from "./ranking.ts";
import type { Together } from "./together.ts";

export interface AllotmentParts extends Omit<RankingParts, "together"> {
  copies: Copies;
  moved: Moved;
  /** Keeps all plugins on one host; null: each goes its own way. */
  together: Together | null;
  now?: () => number;
}

/** Since the start of the daemon. */
export interface ClusterFigures {
  /** Leases that it took from a host that was not heard of. */
  takeOvers: number;
  /** Leases that it lost to another. */
  fenced: number;
}

const NEXT_RANK_AFTER = 1 / 3;
/** After a death nobody has it in hand, and its events have waited for a lease already, ms. */
const NEXT_HEIR_AFTER_MS = 500;
const STEADY_FOR = 2;

export class Allotment {
  readonly figures: ClusterFigures = { takeOvers: 0, fenced: 0 };
  readonly #parts: AllotmentParts;
  readonly #ranking: Ranking;
  /** Path → since when this daemon has seen nobody have it. */
  readonly #freeSince = new Map<string, number>();
  /** Host → since when it is there. */
  readonly #hostSince = new Map<string, number>();
  /** `path host`: was handed over to that host, which did not take it. */
  readonly #refused = new Set<string>();
  readonly #offered = new Map<string, string>();
  /** Path → when this daemon's turn to take it had come last. */
  readonly #turnAt = new Map<string, number>();
  /** Path → hash of the files that an operator wants it to run with here. */
  readonly #adopted = new Map<string, string>();
  /** Plugins that this daemon could take, as of the last look. */
  #idle: readonly PluginFile[] = [];

  constructor(parts: AllotmentParts) {
    this.#parts = parts;
    this.#ranking = new Ranking({ ...parts, together: parts.together !== null });
  }

  /** Resolves after the next look at the cluster; rejects with the signal's reason. */
  async changed(signal: AbortSignal): Promise<void> {
    await this.#parts.cluster.looked(signal);
    this.#keepTimes();
  }

  /** All plugins are to be on one host; null: they are not. */
  get together(): Together | null {
    return this.#parts.together;
  }

  /** Since when it is not known how the others are, the database being away; null while it is. */
  get awaySince(): string | null {
    return this.#parts.cluster.awaySince;
  }

  /** The files of the plugins, on this host and the others. */
  get copies(): Copies {
    return this.#parts.copies;
  }

  /**
   * A plugin of this daemon was loaded; it is handed nothing before this resolves.
   * @returns whether it is for this daemon to run: a plugin may ask for a label that it has not got
   * @throws STATE_*
   */
  async loaded(
    file: PluginFile,
    lane: LaneJournal,
    { modules, runsOn }: Pick<Host, "modules" | "runsOn">,
  ): Promise<boolean> {
    await this.copies.keep(lane, modules, runsOn);
    const label = this.#parts.runsOn[file.name] ?? runsOn;
    return label === null || this.#parts.cluster.self.labels.includes(label);
  }

  /** The plugins whose lane has another path than their file. */
  get moved(): Moved {
    return this.#parts.moved;
  }

  /** Of these plugins, which this daemon could take, those that it is to run from now on, if their files are fit. */
  due(files: readonly PluginFile[]): PluginFile[] {
    this.#idle = files;
    return files.filter((one) => this.mayTake(one));
  }

  /** As `Together.before`, where that is to be asked; null: they may be opened. */
  beforeOpening(due: readonly PluginFile[], isEmpty: boolean): Promise<void> | null {
    const took = (lanes: number) => {
      this.figures.takeOvers += lanes;
    };
    return this.together?.before(due.length, isEmpty, took) ?? null;
  }

  /** Whether its turn has come, as far as the cluster is concerned. */
  mayTake(file: PluginFile): boolean {
    const { cluster, together } = this.#parts;
    const { view, self } = cluster;
    if (!view || self.leaving) return false;
    const lease = this.leaseOf(file.path);
    const moved = lease ? undefined : this.moved.laneOf(file.path);
    const isHeld = together && !together.isFree && !together.isHere;
    if (isHeld || (lease ?? moved)?.free === false) {
      this.#freeSince.delete(file.path);
      return false;
    }
    const since = this.#freeSince.get(file.path) ?? this.#now();
    this.#freeSince.set(file.path, since);
    if (together?.isElsewhere) return false;
    const rank = this.#rankOfSelf(file, lease);
    if (rank < 0) return false;
    const patienceMs = cluster.leaseMs * NEXT_RANK_AFTER;
    const eachMs = lease?.owner ? Math.min(patienceMs, NEXT_HEIR_AFTER_MS) : patienceMs;
    const forOthersMs = moved && this.#othersHave(moved) ? cluster.leaseMs : 0;
    // what it has by the lease of all is its to run at once
    if (!together?.isHere && this.#now() - since < forOthersMs + rank * eachMs) return false;
    this.#freeSince.delete(file.path);
    const offered = this.#offered.get(file.path);
    if (offered !== undefined) this.#refused.add(`${file.path} ${offered}`);
    this.#turnAt.set(file.path, this.#now());
    return true;
  }

  /** The plugin of this name, or with this lane id, that is not run here; null: there is none. */
  idle(nameOrId: string): PluginFile | null {
    const byName = this.#idle.find(({ name }) => name === nameOrId);
    return byName ?? this.#idle.find(({ path }) => this.leaseOf(path)?.id === nameOrId) ?? null;
  }

  /** Paths of the plugins that no host ever ran. */
  neverRun(): string[] {
    return this.#idle
      .map(({ path }) => path)
      .filter((path) => !this.leaseOf(path) && !this.moved.laneOf(path));
  }

  /** Of these plugins, those that have no place among the events yet, as far as is known. */
  placeless(files: readonly PluginFile[]): PluginFile[] {
    return files.filter(({ path }) => !this.leaseOf(path) && !this.moved.laneOf(path));
  }

  /** Of the plugins that this daemon does not run, those of these that wait for a label. */
  placelessForLabel(): PluginFile[] {
    const { view, self, awaySince } = this.#parts.cluster;
    if (!view || self.leaving || awaySince !== null || this.together?.isHere === false) return [];
    return this.placeless(this.#idle).filter(({ path }) => this.waitsFor(path) !== null);
  }

  /** Why no host runs it; null when one does, or will in a moment. A label is the one that no host has. */
  waitsFor(path: string): "files" | { label: string } | null {
    const lease = this.leaseOf(path);
    const file = this.#idle.find((one) => one.path === path) ?? { path, name: parse(path).name };
    if (lease?.free === false || this.#ranking.of(file, lease).length > 0) return null;
    const able = this.#ranking.able(file, lease);
    const label = this.#ranking.labelOf(file, lease);
    if (able.length === 0) return label === undefined ? null : { label };
    return able.every((host) => lacksFile(host, lease!)) ? null : "files";
  }

  /** As `waitsFor`, once this daemon has seen nobody have it for longer than a lease; null while the database is away. */
  stuckFor(path: string): ReturnType<Allotment["waitsFor"]> {
    const since = this.#freeSince.get(path) ?? Number.POSITIVE_INFINITY;
    const isLong = this.#now() - since > this.#parts.cluster.leaseMs;
    return isLong && this.awaySince === null ? this.waitsFor(path) : null;
  }

  /** This host runs it with the files that it has, when nobody else runs it. False when it has none of its own. */
  adopt(file: PluginFile): boolean {
    const lease = this.leaseOf(file.path);
    const own = lease && otherCopy(this.#parts.cluster.self, lease);
    if (!own || lacksFile(this.#parts.cluster.self, lease)) return false;
    this.#adopted.set(file.path, own.sha256);
    return true;
  }

  /** That of the plugin of this path. */
  leaseOf(path: string): LaneLease | undefined {
    return this.#parts.cluster.view?.lanes.find((lane) => lane.path === path);
  }

  /** What was seen of a lane's lease, for who takes it; null: there is no such lane. */
  seen(laneId: string): LeaseSeen | null {
    return this.#parts.cluster.view?.lanes.find(({ id }) => id === laneId) ?? null;
  }

  /** The host that a plugin of this daemon is to be handed over to; null: it stays. */
  betterFor(file: PluginFile): HostRecord | null {
    const { self, leaseMs } = this.#parts.cluster;
    const [best] = this.#ranking.of(file, this.leaseOf(file.path));
    if (!best || best.id === self.id || this.#refused.has(`${file.path} ${best.id}`)) return null;
    // where the better one was there, it was too slow to take it
    const since = Math.max(
      this.#hostSince.get(best.id) ?? this.#now(),
      this.#turnAt.get(file.path) ?? Number.NEGATIVE_INFINITY,
    );
    if (this.#now() - since < leaseMs * STEADY_FOR) return null;
    return best;
  }

  /** The host that is to have a plugin of this daemon when this one ends; null: there is none. */
  successorOf(file: PluginFile): HostRecord | null {
    const { self } = this.#parts.cluster;
    return this.#ranking.of(file, this.leaseOf(file.path)).find(({ id }) => id !== self.id) ?? null;
  }

  /** It is handed over to that host. */
  offered({ path }: PluginFile, to: HostRecord): void {
    this.#offered.set(path, to.id);
    this.together?.handOver();
  }

  /** A lease was opened as it was seen. */
  took(seen: LeaseSeen | null | undefined): void {
    const { owner = null } = (seen ?? {}) as Partial<LaneLease>;
    if (owner !== null && owner !== this.#parts.cluster.self.id) this.figures.takeOvers += 1;
  }

  /** Whether the files that are here are those that it ran with last, or may be others. */
  async isFit(file: PluginFile): Promise<boolean> {
    const lease = this.leaseOf(file.path);
    if (!lease) return true;
    try {
      const other = await this.#parts.copies.other(lease);
      if (!other || other.sha256 === this.#adopted.get(file.path)) return true;
      return agreedOn(lease, this.#ranking.able(file, lease)) !== null;
    } catch (error) {
      // while the database is away nothing is taken
      if (!isAway(error)) throw error;
      return false;
    }
  }

  /** -1: it is not among those that may run it. */
  #rankOfSelf(file: Placed, lease: LaneLease | undefined): number {
    const { self } = this.#parts.cluster;
    const own = lease && otherCopy(self, lease);
    if (own && own.sha256 === this.#adopted.get(file.path)) return 0;
    const heirs = this.#ranking.of(file, lease).filter((host) => !this.#isNewTo(lease, host));
    return heirs.findIndex(({ id }) => id === self.id);
  }

  /** Whether it came when the lease had run out already, or nearly: it cannot know yet that it has. */
  #isNewTo(lease: LaneLease | undefined, { id }: HostRecord): boolean {
    const { self, leaseMs } = this.#parts.cluster;
    // those that stay together are not to be taken by two, each for the other being new to it
    if (this.together || !lease?.free || lease.owner === null || id === self.id) return false;
    const since = this.#hostSince.get(id);
    return since !== undefined && this.#now() - since < leaseMs;
  }

  /** Whether there are hosts that may have its file where it was: they come first. */
  #othersHave(lane: LaneLease): boolean {
    const file = { path: lane.path, name: parse(lane.path).name };
    return this.#ranking.of(file, lane).some(({ id }) => id !== this.#parts.cluster.self.id);
  }

  #keepTimes(): void {
    const { view } = this.#parts.cluster;
    const now = this.#now();
    const there = new Set((view?.hosts ?? []).filter(({ leaving }) => !leaving).map(({ id }) => id));
    for (const id of there) if (!this.#hostSince.has(id)) this.#hostSince.set(id, now);
    for (const id of this.#hostSince.keys()) if (!there.has(id)) this.#hostSince.delete(id);
    for (const { path, owner, free } of view?.lanes ?? [])
      if (!free && this.#offered.get(path) === owner) this.#offered.delete(path);
  }

  #now(): number {
    return (this.#parts.now ?? (() => performance.now()))();
  }
}
