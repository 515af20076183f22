/** A python process with everything that belongs to it: made in one place, gone as one. Each plugin in it has a seat. */
import { type ChildProcess, spawn } from "node:child_process";
import type { Duplex, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import type { Transport } from "../../client/transport.ts";
import type { HostStart, InHand } from "../../daemon/host.ts";
import type { ReplayMark } from "../../event.ts";
import type { LogLevel } from "../../plugin.ts";
import type { CarrierEnd } from "../carrier.ts";
import type { FromGuest } from "../messages.ts";
import { PythonControl } from "./control.ts";
import { endingOf, excused } from "./ending.ts";
import { FrameReader, frame, NotAFrame } from "./frames.ts";
import { lineFromChild } from "./from-child.ts";
import { residentBytes } from "./memory-watch.ts";
import { eachLine } from "./output.ts";
import { byWays, PythonRequests, type RequestMessage } from "./requests.ts";
import { type FromLane, Seat, type SeatOwner } from "./seat.ts";

/** What a guest knows when it begins. */
export interface GuestSettings {
  site: { url: string; timeoutMs: number; httpProxy: string | null; caCerts: string | null };
  /** Folders for `sys.path`. */
  pythonPath: readonly string[];
  /** null: as it is. */
  umask: number | null;
  useSessionUuid: boolean;
  /** Whether each call of a callback is told of. */
  timing: boolean;
  /** Whether each call is told of for a span. */
  spans: boolean;
  /** Whether the daemon is told the keys of the callbacks' scripts. */
  tellKeys: boolean;
  logLevel: LogLevel;
  /** The Python daemon's configuration, where the daemon runs with one; plugins may read it. */
  confFile: string | null;
  /** null: plugins are fed by their lanes. */
  replay: ReplayMark | null;
}

export interface ProcessParts {
  interpreter: string;
  /** Folder to run in; null: the daemon's own. */
  cwd: string | null;
  settings: GuestSettings;
  transport: Transport;
}

type FromPython =
  | (FromLane & { lane: number })
  | RequestMessage
  /** A file that was imported, by whichever plugin. */
  | { type: "module"; lane?: undefined; path: string; sha256: string }
  | { type: "hello"; version: string; executable: string }
  | { type: "too-old"; version: string };

const BOOT = fileURLToPath(new URL("guest/boot.py", import.meta.url));
/** How long its pipes may stay open after the process itself has ended. */
const PIPES_GRACE_MS = 500;

export class PythonProcess implements SeatOwner {
  /** How it ended, once it has. Never rejects. */
  readonly gone: Promise<CarrierEnd>;
  readonly helpers = new Map<string, string>();
  /** `Python 3.11.7 at /studio/venv/bin/python`, once that is known. */
  runtime: string | null = null;
  readonly #parts: ProcessParts;
  readonly #child: ChildProcess;
  readonly #line: Duplex;
  readonly #control = new PythonControl();
  readonly #requests: PythonRequests;
  readonly #seats = new Map<number, Seat>();
  /** Those that are not loaded yet; the guest has been told of the first. */
  #unloaded: Seat[] = [];
  #lastNumber = 0;
  #ending = false;
  /** Whose end was asked for, and the process with it. */
  #endedFor: Seat | null = null;
  #lastWords: CarrierEnd | null = null;
  #lastLine = "";

  constructor(parts: ProcessParts) {
    this.#parts = parts;
    const site = byWays(parts.transport, () => this.#culprit()?.throughSite(parts.transport));
    this.#requests = new PythonRequests(site, (message, body) => this.send(message, body));
    this.#child = spawn(parts.interpreter, [BOOT], {
      stdio: ["ignore", "pipe", "pipe", "pipe", this.#control.fd],
      ...(parts.cwd === null ? {} : { cwd: parts.cwd }),
      // a process group of its own, so that whatever the plugins start ends with it
      detached: true,
      windowsHide: true,
    });
    this.#line = this.#child.stdio[3] as Duplex;
    this.gone = this.#untilGone();
    const frames = new FrameReader((message) => this.#take(message as FromPython));
    this.#line?.on("data", (chunk: Buffer) => {
      try {
        frames.take(chunk);
      } catch (error) {
        if (!(error instanceof NotAFrame)) throw error;
        // what follows has no meaning either
        this.#line.removeAllListeners("data");
        this.endBecause(endingOf.intruded());
      }
    });
    // Writing to a process that has just ended; its end is told of elsewhere.
    this.#line?.on("error", () => {});
    if (this.#child.stdout) eachLine(this.#child.stdout, (line) => this.#output("info", line));
    if (this.#child.stderr) eachLine(this.#child.stderr as Readable, (line) => this.#errorOutput(line));
    this.send({ type: "begin", ...parts.settings });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Whether one more plugin can be loaded into it. */
  get open(): boolean {
    const isNew = this.#lastNumber === 0;
    return !this.#ending && (isNew || [...this.#seats.values()].some(({ state }) => state !== "leaving"));
  }

  /** A place for one more plugin, which is loaded when those before it are. */
  seat(start: HostStart, onMessage: (message: FromGuest) => void): Seat {
    this.#lastNumber += 1;
    const seat = new Seat(this, this.#lastNumber, start, onMessage);
    this.#seats.set(seat.number, seat);
    this.#unloaded.push(seat);
    if (this.#lastNumber === 1) seat.begin();
    if (this.#unloaded.length === 1) seat.load();
    return seat;
  }

  send(message: object, body?: Uint8Array): void {
    if (!this.#line?.writable) return;
    for (const piece of frame(message, body)) this.#line.write(piece);
  }

  async memory(): Promise<number | null> {
    return this.pid === undefined ? null : residentBytes(this.pid);
  }

  inHand(): (InHand & { lane: number }) | null {
    return this.#control.inHand();
  }

  /** A plugin of which no code is running leaves alone; any other takes the process with it. */
  remove(seat: Seat, patienceMs: number): void {
    if (seat.state === "gone" || this.#ending) return;
    const call = this.inHand();
    const inHand = call?.lane === seat.number && call.forMs >= patienceMs;
    const running = seat.state === "loading" || inHand;
    if (running || this.#seats.size === 1) {
      this.#endedFor = seat;
      this.#end();
    } else if (seat.state === "waiting" && this.#unloaded[0] !== seat) this.#vacate(seat);
    else seat.requestStop();
  }

  /** Ends the process and all that it started, at once. */
  async terminate(): Promise<void> {
    for (const seat of this.#seats.values()) seat.terminated = true;
    this.#end();
    await this.gone;
  }

  /** Ends it too, but as an end of its own doing. */
  endBecause(words: CarrierEnd): void {
    this.#lastWords ??= words;
    this.#end();
  }

  #take(message: FromPython): void {
    if (message.type === "hello") this.runtime = `Python ${message.version} at ${message.executable}`;
    else if (message.type === "too-old")
      this.#lastWords ??= endingOf.tooOld(message.version, this.#parts.interpreter);
    else if (message.type === "request" || message.type === "pull" || message.type === "abort")
      this.#requests.take(message);
    else if (message.lane === undefined) this.helpers.set(message.path, message.sha256);
    else this.#takeFromLane(message);
  }

  #takeFromLane(message: FromLane & { lane: number }): void {
    const seat = this.#seats.get(message.lane);
    if (!seat) return;
    seat.take(message);
    if (message.type === "loaded" || message.type === "load-failed") this.#settled(seat);
    const last = this.#seats.size === 1;
    if (message.type === "load-failed" && !last) this.#vacate(seat);
    if (message.type !== "stopped") return;
    if (last) this.send({ type: "end" });
    else this.#vacate(seat);
  }

  /** It is loaded, or never will be: the next one's turn. */
  #settled(seat: Seat): void {
    const next = this.#unloaded[0] === seat;
    this.#unloaded = this.#unloaded.filter((other) => other !== seat);
    if (next) this.#unloaded[0]?.load();
  }

  /** The plugin leaves, and the process stays. */
  #vacate(seat: Seat): void {
    this.#seats.delete(seat.number);
    this.#settled(seat);
    seat.end(endingOf.left());
  }

  #errorOutput(written: string): void {
    const child = lineFromChild(written);
    const seat = child ? this.#seats.get(child.lane) : undefined;
    if (child && seat?.owns(child.line.logger)) seat.take({ type: "log", line: child.line });
    else this.#output("error", written);
  }

  #output(level: "info" | "error", line: string): void {
    if (line.trim() !== "") this.#lastLine = line;
    this.#blamed()?.log(level, line);
  }

  /** Whose code is running; of one plugin alone it is known. */
  #culprit(): Seat | undefined {
    const running =
      this.#seats.get(this.inHand()?.lane ?? 0) ?? this.#unloaded.find(({ state }) => state === "loading");
    return running ?? (this.#seats.size === 1 ? this.#blamed() : undefined);
  }

  #blamed(): Seat | undefined {
    return this.#seats.get(this.inHand()?.lane ?? 0) ?? this.#seats.values().next().value;
  }

  async #untilGone(): Promise<CarrierEnd> {
    const ended = Promise.withResolvers<CarrierEnd>();
    const pipesClosed = Promise.withResolvers<void>();
    const { interpreter, cwd } = this.#parts;
    this.#child.once("error", (error) => ended.resolve(endingOf.error(error, interpreter, cwd)));
    this.#child.once("exit", (code, signal) => ended.resolve(endingOf.exit(code, signal)));
    this.#child.once("close", () => pipesClosed.resolve());
    const ending = await ended.promise;
    // What it left behind; and what it said last may still be on its way.
    this.#end();
    const timer = setTimeout(() => pipesClosed.resolve(), PIPES_GRACE_MS);
    if (this.#child.pid !== undefined) await pipesClosed.promise;
    clearTimeout(timer);
    for (const stream of this.#child.stdio) stream?.destroy();
    this.#requests.close();
    const words = this.#lastWords ?? this.#before(ending);
    const culprit = this.#endedFor ?? this.#culprit();
    for (const seat of [...this.#seats.values()])
      seat.end(seat === culprit || words.unusable ? words : excused(words, culprit?.name ?? null));
    this.#seats.clear();
    this.#control.close();
    return words;
  }

  /** An interpreter that ended before it said anything is the trouble itself. */
  #before(ending: CarrierEnd): CarrierEnd {
    const began = this.runtime !== null || this.#endedFor !== null || ending.unusable;
    return began ? ending : endingOf.early(ending, this.#parts.interpreter, this.#lastLine);
  }

  #end(): void {
    this.#ending = true;
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
