/**
 * How long the leases of each host last, as each host says in its row: hosts may have been configured at different times. Whoever waits
 * for a lease to run out waits for the longer of its own length and the owner's.
 */

interface Said {
  id: string;
  /** null: its version does not say. */
  leaseMs: number | null;
}

export class LeaseLengths {
  readonly #ownMs: number;
  /** By host. */
  #known: ReadonlyMap<string, number> = new Map();

  constructor(ownMs: number) {
    this.#ownMs = ownMs;
  }

  /** What was looked at. @param owners of leases: what a host said is kept while it has some, also when its row is another's by now */
  see(hosts: readonly Said[], owners: readonly (string | null)[]): void {
    const owning = new Set(owners);
    const kept = [...this.#known].filter(([id]) => owning.has(id));
    this.#known = new Map([...kept, ...hosts.map(({ id, leaseMs }) => [id, leaseMs ?? 0] as const)]);
  }

  /** ms. */
  of(host: string | null): number {
    // one that nothing is known of may have said whatever others have
    const said = host === null ? 0 : (this.#known.get(host) ?? Math.max(0, ...this.#known.values()));
    return Math.max(this.#ownMs, said);
  }
}
