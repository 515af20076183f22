/** What the sandbox's server has been asked: counters, the newest requests, and waiting for more of them. */

export interface SeenRequest {
  /** 1 for the first request of this sandbox, then 2, 3, … */
  n: number;
  /** Wire method, such as `read`; `?` when the body named none. */
  method: string;
  /** The payload's entity type; null when it has none. */
  type: string | null;
  /** What followed the credentials in `params`. */
  payload: unknown;
}

const RECENT = 100;
const METHOD = /^\w{1,60}$/;
const TYPE = /^\w{1,60}$/;

/** Counts requests once their body has been read, faults and refusals included. */
export class Requests {
  /** The newest 100 requests, oldest first. */
  readonly recent: SeenRequest[] = [];
  readonly #counts = new Map<string, Map<string | null, number>>();
  readonly #waiters = new Set<() => void>();
  #total = 0;

  /** How many were seen: all, those of one wire method, or those of one method and entity type. */
  count(method?: string, type?: string): number {
    if (method === undefined) return this.#total;
    const types = this.#counts.get(method);
    if (!types) return 0;
    if (type !== undefined) return types.get(type) ?? 0;
    return [...types.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * Resolves once `predicate` holds; it is asked now and after each request seen.
   * @throws the signal's reason when it aborts first
   */
  async waitFor(predicate: (requests: Requests) => boolean, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    if (predicate(this)) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      try {
        if (predicate(this)) resolve();
      } catch (error) {
        reject(error);
      }
    };
    const abort = () => reject(signal?.reason);
    this.#waiters.add(check);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await promise;
    } finally {
      this.#waiters.delete(check);
      signal?.removeEventListener("abort", abort);
    }
  }

  /** Resolves once `n` more requests (of this method and type) than now have been seen. */
  more(n: number, method?: string, type?: string, signal?: AbortSignal): Promise<void> {
    const goal = this.count(method, type) + n;
    return this.waitFor(() => this.count(method, type) >= goal, signal);
  }

  /** Called by the server for each request, before it is answered. */
  note(method: unknown, params: unknown): SeenRequest {
    const payload = Array.isArray(params) ? params[1] : undefined;
    const seen: SeenRequest = {
      n: this.#total + 1,
      method: typeof method === "string" && METHOD.test(method) ? method : "?",
      type: typeOf(payload),
      payload,
    };
    this.#total += 1;
    const types = this.#counts.get(seen.method) ?? new Map<string | null, number>();
    this.#counts.set(seen.method, types);
    types.set(seen.type, (types.get(seen.type) ?? 0) + 1);
    this.recent.push(seen);
    if (this.recent.length > RECENT) this.recent.shift();
    for (const check of [...this.#waiters]) check();
    return seen;
  }

  /** Counts as an object: `{ read: { EventLogEntry: 12 } }`; a request without a type counts under `""`. */
  toJSON(): Record<string, Record<string, number>> {
    const byType = (types: Map<string | null, number>) =>
      Object.fromEntries([...types].map(([type, count]) => [type ?? "", count]));
    return Object.fromEntries([...this.#counts].map(([method, types]) => [method, byType(types)]));
  }
}

function typeOf(payload: unknown): string | null {
  if (typeof payload !== "object" || payload === null || !("type" in payload)) return null;
  return typeof payload.type === "string" && TYPE.test(payload.type) ? payload.type : null;
}
