/** A plugin's python process with everything that belongs to it: made in one place, gone as one. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Transport } from "../../client/transport.ts";
import type { InHand, LoadedModule, Run, Verdict } from "../../daemon/host.ts";
import type { SlotTicket } from "../../journal/journal.ts";
import type { LogLevel } from "../../plugin.ts";
import type { Carrier, CarrierEnd } from "../carrier.ts";
import type { FromGuest } from "../messages.ts";
import { GuestRequests } from "../requests.ts";
import { PythonControl } from "./control.ts";
import { endingOf } from "./ending.ts";
import { FrameReader, frame } from "./frames.ts";
import { eachLine } from "./output.ts";
import { Pieces } from "./pieces.ts";

/** What a guest knows when it begins. */
export interface PythonStart {
  pluginPath: string;
  pluginName: string;
  slot: SlotTicket;
  site: { url: string; timeoutMs: number; httpProxy: string | null; caCerts: string | null };
  /** Folders for `sys.path`. */
  pythonPath: readonly string[];
  useSessionUuid: boolean;
  logLevel: LogLevel;
}

type FromPython =
  | FromGuest
  | { type: "module"; path: string; sha256: string }
  /** Asks for the next piece of a reply. */
  | { type: "pull"; id: number };

export interface ProcessParts {
  interpreter: string;
  start: PythonStart;
  transport: Transport;
  /** What the guest says, requests to the site and modules left out. */
  onMessage(message: FromGuest): void;
  /** A line that was written past the guest. */
  onOutput(level: LogLevel, line: string): void;
}

const BOOT = fileURLToPath(new URL("guest/boot.py", import.meta.url));
/** How long its pipes may stay open after the process itself has ended. */
const PIPES_GRACE_MS = 500;

export class PythonProcess implements Carrier {
  /** How it ended, once it has. Never rejects. */
  readonly gone: Promise<CarrierEnd>;
  /** True when its end was asked for by `terminate`. */
  terminated = false;
  readonly #parts: ProcessParts;
  readonly #child: ChildProcess;
  readonly #line: Duplex;
  readonly #control = new PythonControl();
  readonly #requests: GuestRequests;
  readonly #pieces: Pieces;
  /** Path → SHA-256. */
  readonly #modules = new Map<string, string>();
  #lastWords: CarrierEnd | null = null;

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    this.#pieces = new Pieces((id, outcome, piece) => this.#send({ type: "reply", id, outcome }, piece));
    this.#requests = new GuestRequests(
      parts.transport,
      (id, outcome) => {
        if (outcome.kind === "broken") return this.#send({ type: "reply", id, outcome });
        const { body, ...reply } = outcome.reply;
        this.#send({ type: "reply", id, outcome: { kind: "reply", reply } }, body);
      },
      (id, { reply: { body, ...reply } }) => {
        this.#pieces.hold(id, body);
        this.#send({ type: "reply", id, outcome: { kind: "stream", reply } });
      },
    );
    this.#child = spawn(parts.interpreter, [BOOT], {
      stdio: ["ignore", "pipe", "pipe", "pipe", this.#control.fd],
      // a process group of its own, so that whatever the plugin starts ends with it
      detached: true,
      windowsHide: true,
    });
    this.#line = this.#child.stdio[3] as Duplex;
    this.gone = this.#untilGone();
    const frames = new FrameReader((message) => this.#take(message as FromPython));
    this.#line?.on("data", (chunk: Buffer) => frames.take(chunk));
    // Writing to a process that has just ended; its end is told of elsewhere.
    this.#line?.on("error", () => {});
    if (this.#child.stdout) eachLine(this.#child.stdout, (line) => parts.onOutput("info", line));
    if (this.#child.stderr) eachLine(this.#child.stderr as Readable, (line) => parts.onOutput("error", line));
    this.#send({ type: "start", ...parts.start });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get modules(): readonly LoadedModule[] {
    return Array.from(this.#modules, ([path, sha256]) => ({ path, sha256 }));
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
    this.#send({ type: "run", items: packed }, body);
  }

  answer(verdict: Verdict): void {
    this.#send({ type: "verdict", verdict });
  }

  inHand(): InHand | null {
    return this.#control.inHand();
  }

  requestStop(): void {
    this.#control.requestStop();
    this.#send({ type: "stop" });
  }

  /** Ends the process and all that it started, at once. */
  async terminate(): Promise<void> {
    this.terminated = true;
    this.#killGroup();
    await this.gone;
  }

  /** Ends it too, but as an end of its own doing. */
  endBecause(words: CarrierEnd): void {
    this.#lastWords ??= words;
    this.#killGroup();
  }

  #take(message: FromPython): void {
    if (message.type === "request") void this.#requests.send(message);
    else if (message.type === "module") this.#modules.set(message.path, message.sha256);
    else if (message.type === "pull") void this.#pieces.next(message.id);
    else if (message.type === "abort") this.#pieces.letGo(message.id);
    else this.#parts.onMessage(message);
  }

  #send(message: object, body?: Uint8Array): void {
    if (!this.#line?.writable) return;
    for (const piece of frame(message, body)) this.#line.write(piece);
  }

  async #untilGone(): Promise<CarrierEnd> {
    const ended = Promise.withResolvers<CarrierEnd>();
    const pipesClosed = Promise.withResolvers<void>();
    this.#child.once("error", (error) => ended.resolve(endingOf.error(error, this.#parts.interpreter)));
    this.#child.once("exit", (code, signal) =>
      ended.resolve(endingOf.exit(code, signal, this.#parts.interpreter)),
    );
    this.#child.once("close", () => pipesClosed.resolve());
    const ending = await ended.promise;
    // What it left behind; and what it said last may still be on its way.
    this.#killGroup();
    const timer = setTimeout(() => pipesClosed.resolve(), PIPES_GRACE_MS);
    if (this.#child.pid !== undefined) await pipesClosed.promise;
    clearTimeout(timer);
    for (const stream of this.#child.stdio) stream?.destroy();
    this.#requests.close();
    this.#pieces.close();
    this.#control.close();
    return this.#lastWords ?? ending;
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // Nobody of the group is left, or this system has no groups.
      this.#child.kill("SIGKILL");
    }
  }
}
