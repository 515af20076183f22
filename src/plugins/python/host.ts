import type { Host, HostListener, InHand, LoadedModule, Run } from "../../daemon/host.ts";
import type { FromGuest } from "../messages.ts";
import type { Ending } from "./ending.ts";
import type { FromPython, PythonProcess } from "./process.ts";

/** How long threads and exit handlers of the plugin may take once everything else is done. */
const EXIT_GRACE_MS = 2000;

export type Loaded = Extract<FromGuest, { type: "loaded" }>;

/** A loaded plugin in its python process. */
export class PythonHost implements Host {
  readonly callbacks: Loaded["callbacks"];
  readonly emails: Loaded["emails"];
  readonly loadMs: number;
  readonly #process: PythonProcess;
  readonly #listener: HostListener;
  readonly #modules: Map<string, string>;
  /** running → stopping (by `stop`) → gone; running or stopping → killed (by `kill`, says nothing more) → gone */
  #state: "running" | "stopping" | "killed" = "running";

  /** @param modules path → SHA-256; what is imported later is added to it */
  constructor(
    process: PythonProcess,
    listener: HostListener,
    loaded: Loaded,
    modules: Map<string, string>,
    loadMs: number,
  ) {
    this.#process = process;
    this.#listener = listener;
    this.#modules = modules;
    this.callbacks = loaded.callbacks;
    this.emails = loaded.emails;
    this.loadMs = loadMs;
    void process.gone.then((ending) => this.#onGone(ending));
  }

  get modules(): readonly LoadedModule[] {
    return modulesOf(this.#modules);
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
    this.#process.send({ type: "run", items: packed }, body);
  }

  inHand(): InHand | null {
    return this.#process.inHand();
  }

  async stop(): Promise<void> {
    if (this.#state === "running") {
      this.#state = "stopping";
      this.#process.requestStop();
    }
    await this.#process.gone;
  }

  async kill(): Promise<void> {
    this.#state = "killed";
    await this.#process.terminate();
  }

  /** What the process says once it is loaded. */
  take(message: FromPython): void {
    if (message.type === "module") this.#modules.set(message.path, message.sha256);
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
    this.#process.send({ type: "verdict", verdict });
  }

  #exitSoon(): void {
    const timer = setTimeout(() => void this.#process.terminate(), EXIT_GRACE_MS);
    void this.#process.gone.then(() => clearTimeout(timer));
  }

  #onGone({ code, message, error }: Ending): void {
    if (this.#state !== "running" || this.#process.terminated) return;
    this.#state = "killed";
    this.#listener.exited({ code, message, error, inHand: this.#process.inHand() });
  }
}

export function modulesOf(modules: ReadonlyMap<string, string>): LoadedModule[] {
  return Array.from(modules, ([path, sha256]) => ({ path, sha256 }));
}
