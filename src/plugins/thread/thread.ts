/** A plugin's thread with everything that belongs to it: made in one place, gone as one. */
import { readFileSync } from "node:fs";
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  type Transferable,
  Worker,
} from "node:worker_threads";
import type { Transport } from "../../client/transport.ts";
import type { InHand, LoadedModule, Run, Verdict } from "../../daemon/host.ts";
import type { Carrier } from "../carrier.ts";
import { ControlBlock } from "../control.ts";
import { callsheetImports, ownEnding, ownRoot } from "../imports.ts";
import type { Dying, FromGuest, GuestStart, RequestOutcome, StreamOutcome, ToGuest } from "../messages.ts";
import { outOfMemory } from "../out-of-memory.ts";
import { packRun } from "../packed-run.ts";
import { GuestRequests } from "../requests.ts";
import { stripTypes } from "../strip.ts";
import type { ThreadStart } from "./boot.ts";
import { ThreadModules } from "./modules.ts";

const STUCK_AFTER_MS = 1000;

export interface ThreadParts {
  guest: Omit<GuestStart, "control">;
  transport: Transport;
  /** What the thread says, requests to the site left out. */
  onMessage(message: FromGuest): void;
  /** What was written past the guest. */
  onStrayOutput(text: string): void;
}

export class PluginThread implements Carrier {
  readonly #control: ControlBlock;
  readonly #modules = new ThreadModules();
  /** How it ended, once it has. Never rejects. */
  readonly gone: Promise<Dying>;
  /** True when its end was asked for by `terminate`. */
  terminated = false;
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #requests: GuestRequests;
  readonly #parts: ThreadParts;
  #lastWords: Dying | null = null;
  #measuring = false;
  readonly #ended = Promise.withResolvers<number>();

  constructor(parts: ThreadParts) {
    this.#parts = parts;
    const { memory, control } = ControlBlock.create();
    this.#control = control;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    const answer = (id: number, outcome: RequestOutcome | StreamOutcome, transfer: Transferable[]) =>
      this.#post({ type: "reply", id, outcome }, transfer);
    this.#requests = new GuestRequests(parts.transport, answer, answer);
    this.#port.on("message", (message: FromGuest) => this.#take(message));
    this.#worker = startWorker({ ...parts.guest, control: memory }, port2, this.#modules);
    for (const stream of [this.#worker.stdout, this.#worker.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => parts.onStrayOutput(text));
    this.gone = this.#untilGone();
  }

  get modules(): readonly LoadedModule[] {
    return this.#modules.loaded;
  }

  /** JavaScript of what was loaded, by path, until the plugin is loaded. */
  get sources(): ReadonlyMap<string, string> {
    return this.#modules.sources;
  }

  async memory(): Promise<number | null> {
    // rejects when the thread has ended
    const statistics = await this.#worker.getHeapStatistics().catch(() => null);
    return statistics && statistics.total_heap_size + statistics.external_memory;
  }

  hand(run: Run): void {
    const packed = packRun(run);
    this.#post({ type: "run", run: packed }, [packed.numbers.buffer, packed.bytes.buffer]);
  }

  answer(verdict: Verdict): void {
    this.#post({ type: "verdict", verdict });
  }

  stored(until: number | null): void {
    this.#post({ type: "stored", until });
  }

  requestStop(): void {
    this.#control.requestStop();
    this.#post({ type: "stop" });
  }

  inHand(): InHand | null {
    return this.#control.inHand();
  }

  /**
   * Ends the thread; no JavaScript of it runs after this. One that is stuck in the operating system, on a dead network
   * share for example, ends for good only when that returns, and is not waited for longer than a moment.
   */
  async terminate(): Promise<void> {
    this.terminated = true;
    const timer = setTimeout(() => this.#ended.resolve(1), STUCK_AFTER_MS);
    void this.#worker.terminate();
    await this.gone;
    clearTimeout(timer);
  }

  /** Ends the thread when its buffers and the like hold more than this. */
  async endAbove(limitBytes: number): Promise<void> {
    if (this.#measuring) return;
    this.#measuring = true;
    // Rejects when the thread ends first.
    const statistics = await this.#worker.getHeapStatistics().catch(() => null);
    this.#measuring = false;
    if (!statistics || statistics.external_memory <= limitBytes) return;
    this.#lastWords ??= outOfMemory(statistics.external_memory, limitBytes);
    await this.#worker.terminate();
  }

  #take(message: FromGuest): void {
    if (message.type === "request") void this.#requests.send(message);
    else if (message.type === "abort") this.#requests.abort(message.id);
    else if (message.type === "dying") this.#lastWords ??= message.exit;
    else {
      if (message.type === "log") this.#control.lineTaken();
      if (message.type === "loaded" || message.type === "load-failed") this.#modules.drain();
      this.#parts.onMessage(message);
      if (message.type === "loaded") this.#modules.sources.clear();
    }
  }

  #post(message: ToGuest, transfer: Transferable[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  async #untilGone(): Promise<Dying> {
    this.#worker.once("error", (error) => {
      this.#lastWords ??= wordsFor(error);
    });
    this.#worker.once("exit", this.#ended.resolve);
    const code = await this.#ended.promise;
    // What it said last may still be on its way.
    for (let left = receiveMessageOnPort(this.#port); left; left = receiveMessageOnPort(this.#port))
      this.#take(left.message);
    this.#port.close();
    this.#modules.close();
    this.#requests.close();
    return (
      this.#lastWords ?? { code: "HOST_EXITED", message: `its thread ended with code ${code}`, error: null }
    );
  }
}

function startWorker(guest: GuestStart, port: MessagePort, modules: ThreadModules): Worker {
  const workerData: ThreadStart = {
    guest,
    guestUrl: `${ownRoot}plugins/guest/guest${ownEnding}`,
    port,
    modulePort: modules.threadPort,
    answers: modules.answers,
    imports: callsheetImports("host"),
    ownRoot,
  };
  return new Worker(bootUrl(), {
    workerData,
    transferList: [port, modules.threadPort],
    name: guest.pluginName,
    // Flags of the daemon's own, such as a loader for tests, are none of the plugin's business; but for what registers a tracer.
    execArgv: guest.spans ? preloads(process.execArgv) : [],
    stdout: true,
    stderr: true,
    resourceLimits: {
      maxOldGenerationSizeMb: Math.max(16, Math.round(guest.memoryLimitBytes / 2 ** 20)),
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
    },
  });
}

/** Those of Node's flags that load a module before anything else, with their values. */
export function preloads(flags: readonly string[]): string[] {
  return flags.flatMap((flag, i) => {
    if (/^(--import|--require|-r)$/.test(flag)) return flags.slice(i, i + 2);
    return /^(--import|--require)=/.test(flag) ? [flag] : [];
  });
}

/** Node's default lets every busy thread take some 20 MB for garbage alone; this costs no measurable time (bench/run.ts). */
const YOUNG_GENERATION_MB = 2;

let boot: URL | null = null;

/** The boot file as a URL that carries its text: from source, a thread could only read it with a stripper of its own. */
function bootUrl(): URL {
  if (boot) return boot;
  const file = new URL(`boot${ownEnding}`, import.meta.url);
  const text = readFileSync(file, "utf8");
  const javascript = ownEnding === ".ts" ? stripTypes(file.pathname, text) : text;
  boot = new URL(`data:text/javascript,${encodeURIComponent(javascript)}`);
  return boot;
}

function wordsFor(error: unknown): Dying {
  const { code, name, message, stack } = error as NodeJS.ErrnoException;
  if (code === "ERR_WORKER_OUT_OF_MEMORY")
    return { code: "HOST_OUT_OF_MEMORY", message: "it used more memory than its limit", error: null };
  return {
    code: "HOST_EXITED",
    message: `uncaught exception: ${message}`,
    error: { name: name ?? "Error", message: String(message), stack: stack ?? null },
  };
}
