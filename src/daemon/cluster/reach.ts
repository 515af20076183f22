/**
 * Whether this host is of use as the one that reads: a site that does not answer it may answer another. It gives the reading back after
 * a while when others are there, and leaves it to them then, unless none of them takes it. Where the site answers nobody, each tries once;
 * after that they change rarely.
 */
import type { Cluster } from "../../journal/journal.ts";

export interface ReachParts {
  cluster: Pick<Cluster, "view" | "self" | "leaseMs">;
  /** For how long the site has not answered this host, ms; 0 while it does. */
  siteAwayMs(): number;
  /** For so long it tries, ms. Default: two leases, and at least 30 s. */
  patienceMs?: number;
  now?: () => number;
}

const PATIENCE_LEASES = 2;
const LEAST_PATIENCE_MS = 30_000;
/** Who has tried in vain leaves it to others for this long, and tries for this long when it has it again, ms. */
const RARELY_MS = 600_000;

export class Reach {
  readonly #parts: ReachParts;
  #beganAt = 0;
  /** The site has not answered since; null: it has, or it was not given back. */
  #gaveBackAt: number | null = null;
  /** Since when nobody has it. */
  #freeSince: number | null = null;

  constructor(parts: ReachParts) {
    this.#parts = parts;
  }

  /** Its turn to read begins. */
  began(): void {
    this.#beganAt = this.#now();
  }

  /** Whether its turn is to end, since another may reach the site. */
  isInVain(): boolean {
    const awayMs = this.#parts.siteAwayMs();
    if (awayMs === 0) this.#gaveBackAt = null;
    const triedMs = Math.min(awayMs, this.#now() - this.#beganAt);
    return triedMs >= this.#patienceMs && this.#hasOthers;
  }

  gaveBack(): void {
    this.#gaveBackAt = this.#now();
    this.#freeSince = null;
  }

  /** Whether it may take the reading now. Asked at each look. */
  mayTake(): boolean {
    const { view, self, leaseMs } = this.#parts.cluster;
    if (view?.reader?.free === false) this.#freeSince = null;
    if (!view || self.leaving || view.reader?.free === false) return false;
    if (this.#gaveBackAt === null || !this.#hasOthers) return true;
    const now = this.#now();
    this.#freeSince ??= now;
    return now - this.#gaveBackAt >= RARELY_MS || now - this.#freeSince >= leaseMs;
  }

  get #patienceMs(): number {
    if (this.#gaveBackAt !== null) return RARELY_MS;
    const { cluster, patienceMs } = this.#parts;
    return patienceMs ?? Math.max(LEAST_PATIENCE_MS, cluster.leaseMs * PATIENCE_LEASES);
  }

  get #hasOthers(): boolean {
    const { view, self } = this.#parts.cluster;
    return (view?.hosts ?? []).some(({ id, leaving }) => id !== self.id && !leaving);
  }

  #now(): number {
    return (this.#parts.now ?? (() => performance.now()))();
  }
}
