import type { Transport } from "../../client/transport.ts";
import type { HostStart, InHand, LoadedModule, Run, Verdict } from "../../daemon/host.ts";
import type { Carrier, CarrierEnd } from "../carrier.ts";
import type { FromGuest } from "../messages.ts";

/** What a seat needs of the process it is in. */
export interface SeatOwner {
  /** Path → SHA-256 of what any plugin of the process has imported. */
  readonly helpers: ReadonlyMap<string, string>;
  send(message: object, body?: Uint8Array): void;
  inHand(): (InHand & { lane: number }) | null;
  /** Of the whole process. */
  memory(): Promise<number | null>;
  /** `Python 3.11.7 at /studio/venv/bin/python`; null while that is not known. */
  readonly runtime: string | null;
  /** The seat is to be gone; a call in hand that began less than `patienceMs` ago may end first. `Seat.end` follows. */
  remove(seat: Seat, patienceMs: number): void;
}

/** What a guest says of one plugin. */
export type FromLane =
  | Exclude<FromGuest, { type: "request" | "abort" | "dying" }>
  | { type: "loading" }
  | { type: "module"; path: string; sha256: string };

/** How often a plugin that is to leave is looked at, and how long a call may take that began before it heard of it. */
const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 2000;

/**
 * One plugin's place in a python process.
 *
 * waiting (others are being loaded) → loading → loaded → leaving (asked to stop) → gone; from any of them → gone
 */
export class Seat implements Carrier {
  readonly begun: Promise<void>;
  readonly gone: Promise<CarrierEnd>;
  terminated = false;
  state: "waiting" | "loading" | "loaded" | "leaving" | "gone" = "waiting";
  /** True when its process ended before its turn to load came. */
  displaced = false;
  readonly #owner: SeatOwner;
  readonly #start: HostStart;
  readonly #onMessage: (message: FromGuest) => void;
  readonly #begun = Promise.withResolvers<void>();
  readonly #gone = Promise.withResolvers<CarrierEnd>();
  /** Path → SHA-256 of what is this plugin's alone. */
  readonly #modules = new Map<string, string>();
  #lastInHand: InHand | null = null;
  readonly number: number;

  constructor(owner: SeatOwner, number: number, start: HostStart, onMessage: (message: FromGuest) => void) {
    this.#owner = owner;
    this.number = number;
    this.#start = start;
    this.#onMessage = onMessage;
    this.begun = this.#begun.promise;
    this.gone = this.#gone.promise;
  }

  throughSite(site: Transport): Transport {
    return this.#start.throughSite?.(site) ?? site;
  }

  /** Of the plugin. */
  get name(): string {
    return this.#start.plugin.name;
  }

  /** Whether a logger is the plugin's. */
  owns(logger: string): boolean {
    return `${logger}.`.startsWith(`plugin.${this.name}.`);
  }

  get runtime(): string | null {
    return this.#owner.runtime;
  }

  get modules(): readonly LoadedModule[] {
    return Array.from(new Map([...this.#modules, ...this.#owner.helpers]), ([path, sha256]) => ({
      path,
      sha256,
    }));
  }

  /** Its turn to load has come. */
  load(): void {
    const { plugin, slot } = this.#start;
    const { path: pluginPath, name: pluginName } = plugin;
    this.#owner.send({ type: "load", lane: this.number, pluginPath, pluginName, slot });
  }

  /** Time counts from now on. */
  begin(): void {
    this.#begun.resolve();
  }

  memory(): Promise<number | null> {
    return this.#owner.memory();
  }

  hand({ items, bytes }: Run): void {
    const from = items[0]!.start;
    const body = bytes.slice(from, items.at(-1)!.end);
    const packed = items.map(({ seq, start, end, callbacks, redelivered }) => [
      seq,
      start - from,
      end - from,
      callbacks,
      redelivered,
    ]);
    this.#owner.send({ type: "run", lane: this.number, items: packed }, body);
  }

  answer(verdict: Verdict): void {
    this.#owner.send({ type: "verdict", lane: this.number, verdict });
  }

  stored(until: number | null): void {
    this.#owner.send({ type: "stored", lane: this.number, until });
  }

  requestStop(): void {
    if (this.state === "gone" || this.state === "leaving") return;
    this.state = "leaving";
    this.#owner.send({ type: "stop", lane: this.number });
  }

  inHand(): InHand | null {
    if (this.state === "gone") return this.#lastInHand;
    const call = this.#owner.inHand();
    if (call?.lane !== this.number) return null;
    const { lane: _, ...inHand } = call;
    return inHand;
  }

  async terminate(): Promise<void> {
    this.terminated = true;
    this.#owner.remove(this, 0);
    const look = setInterval(() => this.#owner.remove(this, PATIENCE_MS), LOOK_EVERY_MS);
    await this.gone;
    clearInterval(look);
  }

  take(message: FromLane): void {
    if (message.type === "module") this.#modules.set(message.path, message.sha256);
    else if (message.type === "loading") {
      if (this.state === "waiting") this.state = "loading";
      this.begin();
    } else {
      if (message.type === "loaded" && this.state === "loading") this.state = "loaded";
      this.#onMessage(message);
    }
  }

  log(level: "info" | "error", message: string): void {
    this.#start.listener.log({ logger: `plugin.${this.name}`, level, message, eventId: null });
  }

  /** It is gone. */
  end(words: CarrierEnd): void {
    this.#lastInHand = this.inHand();
    this.displaced = this.state === "waiting" && words.unusable === undefined;
    this.state = "gone";
    this.#gone.resolve(words);
  }
}
