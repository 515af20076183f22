/** Faults on order: how a test or a demo makes the sandbox behave like a site on a bad day. */
import type { ChaosOrder, Fault, FaultMatch, FaultOrder } from "./fault-kinds.ts";
import { chaosSpec, faultKind, faultLife, matches, parseOrder } from "./fault-kinds.ts";
import { seededRandom } from "./random.ts";
import type { SeenRequest } from "./server/requests.ts";

/** One request's fault, as the server takes it. */
export interface Hit {
  fault: Fault;
  /** Resolves when the order is ended, which answers hanging requests. */
  ended: Promise<void>;
}

/** An order that was placed. */
export interface PlacedFault {
  readonly id: number;
  /** Requests hit so far. */
  readonly hits: number;
  /** No further request is hit; hanging ones are answered. May be called twice. */
  end(): void;
}

/** `sandbox.faults`. Orders of `next` are tried in the order placed, then those of `chaos`; the first that wants a request hits it. */
export class Faults {
  readonly #orders = new Map<number, Order>();
  readonly #dropIdle: () => number;
  #lastId = 0;

  /** @param dropIdle closes the idle keep-alive connections and says how many */
  constructor(dropIdle: () => number) {
    this.#dropIdle = dropIdle;
  }

  /**
   * The next matching request (or requests) meet this fault.
   * @throws CallsheetError USAGE when the order is not understood
   */
  next(order: FaultOrder): PlacedFault {
    const { times, until, match, ...kind } = order;
    const fault = parseOrder(faultKind, kind);
    const life = parseOrder(faultLife, { times, until, match });
    const unlimited = life.until !== undefined || fault.kind === "maintenance";
    return this.#place({
      choose: () => fault,
      early: fault.kind === "reset" && fault.at === "request" && life.match === undefined,
      left: life.times ?? (unlimited ? Number.POSITIVE_INFINITY : 1),
      match: life.match,
      endAfterMs: typeof life.until === "object" ? life.until.ms : undefined,
      chaos: false,
    });
  }

  /**
   * From now on a share of the requests meet one of these faults; the same seed and requests give the same faults.
   * @throws CallsheetError USAGE when the order is not understood
   */
  chaos(order: ChaosOrder): PlacedFault {
    const { seed, rate, kinds, match } = parseOrder(chaosSpec, order);
    const random = seededRandom(seed);
    return this.#place({
      choose: () => (random() < rate ? kinds[Math.floor(random() * kinds.length)] : undefined),
      early: false,
      left: Number.POSITIVE_INFINITY,
      match,
      endAfterMs: undefined,
      chaos: true,
    });
  }

  /** Closes the keep-alive connections that are idle now, as a site or a proxy does; returns how many. */
  dropIdle(): number {
    return this.#dropIdle();
  }

  /** Ends the order with this id, or every order. Returns how many were ended. */
  end(id?: number): number {
    const orders = [...this.#orders.values()].filter((order) => id === undefined || order.id === id);
    for (const order of orders) order.end();
    return orders.length;
  }

  /** The orders that can still hit a request or still hold one. */
  list(): { id: number; hits: number }[] {
    return [...this.#orders.values()].map(({ id, hits }) => ({ id, hits }));
  }

  /** Called by the server when a request's headers are in (`null`) and again when its body is. */
  take(request: SeenRequest | null): Hit | null {
    const orders = [...this.#orders.values()];
    for (const chaos of [false, true]) {
      for (const order of orders) {
        const hit = order.options.chaos === chaos ? order.take(request) : null;
        if (!hit) continue;
        if (!order.live && hit.fault.kind !== "hang") this.#orders.delete(order.id);
        return hit;
      }
    }
    return null;
  }

  #place(options: OrderOptions): PlacedFault {
    const order = new Order(++this.#lastId, options, () => this.#orders.delete(order.id));
    this.#orders.set(order.id, order);
    return order;
  }
}

interface OrderOptions {
  choose: () => Fault | undefined;
  /** Hits before the body is read. */
  early: boolean;
  left: number;
  match: FaultMatch | undefined;
  endAfterMs: number | undefined;
  chaos: boolean;
}

class Order implements PlacedFault {
  readonly id: number;
  readonly options: OrderOptions;
  readonly #ended = Promise.withResolvers<void>();
  readonly #forget: () => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #hits = 0;
  #over = false;

  constructor(id: number, options: OrderOptions, forget: () => void) {
    this.id = id;
    this.options = options;
    this.#forget = forget;
    if (options.endAfterMs !== undefined)
      this.#timer = setTimeout(() => this.end(), options.endAfterMs).unref();
  }

  get hits(): number {
    return this.#hits;
  }

  get live(): boolean {
    return !this.#over && this.#hits < this.options.left;
  }

  take(request: SeenRequest | null): Hit | null {
    if (!this.live || this.options.early !== (request === null)) return null;
    if (request && !matches(this.options.match, request)) return null;
    const fault = this.options.choose();
    if (!fault) return null;
    this.#hits += 1;
    return { fault, ended: this.#ended.promise };
  }

  end(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#ended.resolve();
    this.#forget();
  }
}
