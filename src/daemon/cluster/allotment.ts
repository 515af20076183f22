/**
 * Which plugins this daemon runs. A plugin whose lease is free goes to the host that ranks first for it; when that one does not take
 * it, to the next, a third of a lease later. One that runs stays where it is, until a host that ranks higher has been there for two
 * leases.
 */
import type { Cluster, HostRecord, LaneLease, LeaseSeen } from "../../journal/journal.ts";
import type { PluginFile } from "../host.ts";
import { ranked } from "./rendezvous.ts";

export interface AllotmentParts {
  cluster: Cluster;
  /** Label that a plugin's host needs, by the plugin's name. */
  runsOn: Readonly<Record<string, string>>;
  /** Keeps all plugins on one host: an order across plugins needs all their places. */
  together: boolean;
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
const STEADY_FOR = 2;
const TOGETHER = "";

export class Allotment {
  readonly figures: ClusterFigures = { takeOvers: 0, fenced: 0 };
  readonly #parts: AllotmentParts;
  /** Path → since when this daemon has seen nobody have it. */
  readonly #freeSince = new Map<string, number>();
  /** Host → since when it is there. */
  readonly #hostSince = new Map<string, number>();
  /** `path host`: was handed over to that host, which did not take it. */
  readonly #refused = new Set<string>();
  readonly #offered = new Map<string, string>();

  constructor(parts: AllotmentParts) {
    this.#parts = parts;
  }

  /** Resolves after the next look at the cluster; rejects with the signal's reason. */
  async changed(signal: AbortSignal): Promise<void> {
    await this.#parts.cluster.looked(signal);
    this.#keepTimes();
  }

  /** Whether this daemon is to take the plugin now. */
  mayTake(file: PluginFile): boolean {
    const { cluster, together } = this.#parts;
    const { view, self } = cluster;
    if (!view || self.leaving) return false;
    const lease = this.#leaseOf(file.path);
    if (lease?.free === false) {
      this.#freeSince.delete(file.path);
      return false;
    }
    const since = this.#freeSince.get(file.path) ?? this.#now();
    this.#freeSince.set(file.path, since);
    if (together && view.lanes.some(({ free, owner }) => !free && owner !== self.id)) return false;
    const rank = this.#rank(file, lease).findIndex(({ id }) => id === self.id);
    if (rank < 0) return false;
    if (this.#now() - since < rank * cluster.leaseMs * NEXT_RANK_AFTER) return false;
    this.#freeSince.delete(file.path);
    const offered = this.#offered.get(file.path);
    if (offered !== undefined) this.#refused.add(`${file.path} ${offered}`);
    return true;
  }

  /** What was seen of a lane's lease, for who takes it; null: there is no such lane. */
  seen(laneId: string): LeaseSeen | null {
    return this.#parts.cluster.view?.lanes.find(({ id }) => id === laneId) ?? null;
  }

  /** The host that a plugin of this daemon is to be handed over to; null: it stays. */
  betterFor(file: PluginFile): HostRecord | null {
    const { self, leaseMs } = this.#parts.cluster;
    const [best] = this.#rank(file, undefined);
    if (!best || best.id === self.id || this.#refused.has(`${file.path} ${best.id}`)) return null;
    const since = this.#hostSince.get(best.id) ?? this.#now();
    if (this.#now() - since < leaseMs * STEADY_FOR) return null;
    return best;
  }

  /** It is handed over to that host. */
  offered({ path }: PluginFile, to: HostRecord): void {
    this.#offered.set(path, to.id);
  }

  /** A lease was opened as it was seen. */
  took(seen: LeaseSeen | null | undefined): void {
    const { owner = null } = (seen ?? {}) as Partial<LaneLease>;
    if (owner !== null && owner !== this.#parts.cluster.self.id) this.figures.takeOvers += 1;
  }

  /** Best first; those that may run it. */
  #rank(file: PluginFile, lease: LaneLease | undefined): HostRecord[] {
    const { cluster, runsOn, together } = this.#parts;
    const label = runsOn[file.name];
    const able = (cluster.view?.hosts ?? []).filter(
      ({ id, leaving, labels }) =>
        !leaving &&
        // whose lease has run out is not there any more, even if it was heard of a moment later
        !(lease?.free && id === lease.owner && id !== cluster.self.id) &&
        (label === undefined || labels.includes(label)),
    );
    return ranked(able, together ? TOGETHER : file.path);
  }

  #leaseOf(path: string): LaneLease | undefined {
    return this.#parts.cluster.view?.lanes.find((lane) => lane.path === path);
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
