import type { Host, HostListener, InHand, LoadedModule, Run } from "../../daemon/host.ts";
import type { Dying, FromGuest } from "../messages.ts";
import { packRun } from "../packed-run.ts";
import type { PluginThread } from "./thread.ts";

/** How long a plugin's own exit handlers may take once everything else is done. */
const EXIT_GRACE_MS = 2000;

export type Loaded = Extract<FromGuest, { type: "loaded" }>;

/** A loaded plugin in its thread. */
export class ThreadHost implements Host {
  readonly callbacks: Loaded["callbacks"];
  readonly emails: Loaded["emails"];
  readonly loadMs: number;
  readonly #thread: PluginThread;
  readonly #listener: HostListener;
  /** running → stopping (by `stop`) → gone; running or stopping → killed (by `kill`, says nothing more) → gone */
  #state: "running" | "stopping" | "killed" = "running";

  constructor(thread: PluginThread, listener: HostListener, loaded: Loaded, loadMs: number) {
    this.#thread = thread;
    this.#listener = listener;
    this.callbacks = loaded.callbacks;
    this.emails = loaded.emails;
    this.loadMs = loadMs;
    thread.gone.then((dying) => this.#onGone(dying));
  }

  get modules(): readonly LoadedModule[] {
    return this.#thread.modules.loaded;
  }

  hand(run: Run): void {
    const packed = packRun(run);
    this.#thread.post({ type: "run", run: packed }, [packed.numbers.buffer, packed.bytes.buffer]);
  }

  inHand(): InHand | null {
    return this.#thread.control.inHand();
  }

  async stop(): Promise<void> {
    if (this.#state === "running") {
      this.#state = "stopping";
      this.#thread.control.requestStop();
      this.#thread.post({ type: "stop" });
    }
    await this.#thread.gone;
  }

  async kill(): Promise<void> {
    this.#state = "killed";
    await this.#thread.terminate();
  }

  /** What the thread says once it is loaded. */
  take(message: FromGuest): void {
    if (this.#state === "killed") return;
    if (message.type === "progress") {
      const { seq, calls, busyMs } = message;
      this.#listener.progress({ seq, calls, busyMs });
    } else if (message.type === "failed") void this.#askVerdict(message);
    else if (message.type === "log") this.#listener.log(message.line);
    else if (message.type === "stopped") this.#exitSoon();
  }

  async #askVerdict({ failure }: Extract<FromGuest, { type: "failed" }>): Promise<void> {
    // A listener that breaks down must not leave the plugin waiting for ever.
    const verdict = await this.#listener.failed(failure).catch(() => "stop" as const);
    this.#thread.post({ type: "verdict", verdict });
  }

  #exitSoon(): void {
    const timer = setTimeout(() => void this.#thread.terminate(), EXIT_GRACE_MS);
    void this.#thread.gone.then(() => clearTimeout(timer));
  }

  #onGone(dying: Dying): void {
    if (this.#state !== "running" || this.#thread.terminated) return;
    this.#state = "killed";
    this.#listener.exited({ ...dying, inHand: this.#thread.control.inHand() });
  }
}
