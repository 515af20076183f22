import type { Host, HostListener, HostStart, InHand, LoadedModule, Run } from "../daemon/host.ts";
import { CallsheetError } from "../errors.ts";
import type { Carrier, CarrierEnd } from "./carrier.ts";
import type { FromGuest } from "./messages.ts";

/** How long a plugin's own threads and exit handlers may take once everything else is done. */
const EXIT_GRACE_MS = 2000;

type Loaded = Extract<FromGuest, { type: "loaded" }>;

const LEASE_LOST: ReadonlySet<string> = new Set(["STATE_LOCKED", "STATE_RESTORED"]);

/** A loaded plugin, whatever carries it. */
export class PluginHost implements Host {
  readonly callbacks: Loaded["callbacks"];
  readonly emails: Loaded["emails"];
  readonly runsOn: string | null;
  readonly loadMs: number;
  readonly #carrier: Carrier;
  readonly #listener: HostListener;
  readonly #store: HostStart["step"];
  readonly #quiet = Promise.withResolvers<void>();
  /** running → stopping (by `stop`) → gone; running or stopping → killed (by `kill`, says nothing more) → gone */
  #state: "running" | "stopping" | "killed" = "running";

  constructor(carrier: Carrier, start: Pick<HostStart, "listener" | "step">, loaded: Loaded, loadMs: number) {
    const { callbacks, emails, runsOn } = loaded;
    this.#carrier = carrier;
    this.#listener = start.listener;
    this.#store = start.step;
    this.callbacks = callbacks;
    this.emails = emails;
    this.runsOn = runsOn;
    this.loadMs = loadMs;
    void carrier.gone.then((dying) => this.#onGone(dying));
  }

  get runtime(): string | null {
    return this.#carrier.runtime ?? null;
  }

  get modules(): readonly LoadedModule[] {
    return this.#carrier.modules;
  }

  memory(): Promise<number | null> {
    return this.#carrier.memory();
  }

  hand(run: Run): void {
    this.#carrier.hand(run);
  }

  inHand(): InHand | null {
    return this.#carrier.inHand();
  }

  get quiet(): Promise<void> {
    return this.#quiet.promise;
  }

  async stop(): Promise<void> {
    if (this.#state === "running") {
      this.#state = "stopping";
      this.#carrier.requestStop();
    }
    await this.#carrier.gone;
  }

  async kill(): Promise<void> {
    this.#state = "killed";
    await this.#carrier.terminate();
  }

  /** What the guest says once the plugin is loaded. */
  take(message: FromGuest): void {
    if (this.#state === "killed") return;
    if (message.type === "progress") this.#listener.progress(message);
    else if (message.type === "failed") void this.#askVerdict(message);
    else if (message.type === "step") void this.#took(message);
    else if (message.type === "log") this.#listener.log(message.line);
    else if (message.type === "called") this.#listener.called?.(message.call);
    else if (message.type === "stopped") this.#exitSoon();
  }

  async #askVerdict({ failure }: Extract<FromGuest, { type: "failed" }>): Promise<void> {
    // A listener that breaks down must not leave the plugin waiting for ever.
    const verdict = await this.#listener.failed(failure).catch(() => "stop" as const);
    this.#carrier.answer(verdict);
  }

  async #took({ step }: Extract<FromGuest, { type: "step" }>): Promise<void> {
    try {
      const until = await this.#store?.(step);
      this.#carrier.stored(until ?? null);
    } catch (error) {
      this.#end(error as Error);
    }
  }

  /** What it does from now on would not count. */
  #end(error: Error): void {
    if (this.#state !== "running") return;
    this.#state = "killed";
    const inHand = this.#carrier.inHand();
    void this.#carrier.terminate();
    // of a lease that it has no more the lane learns by itself
    if (error instanceof CallsheetError && LEASE_LOST.has(error.code)) return;
    this.#listener.exited({
      code: "HOST_EXITED",
      message: `its progress could not be stored: ${error.message}`,
      error: null,
      excuse: null,
      inHand,
    });
  }

  #exitSoon(): void {
    this.#quiet.resolve();
    const timer = setTimeout(() => void this.#carrier.terminate(), EXIT_GRACE_MS);
    void this.#carrier.gone.then(() => clearTimeout(timer));
  }

  #onGone({ code, message, error, excuse }: CarrierEnd): void {
    this.#quiet.resolve();
    if (this.#state !== "running" || this.#carrier.terminated) return;
    this.#state = "killed";
    this.#listener.exited({ code, message, error, excuse: excuse ?? null, inHand: this.#carrier.inHand() });
  }
}
