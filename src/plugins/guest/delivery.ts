/**
 * Delivers runs of events to the callbacks of one plugin: one event at a time, its callbacks in order.
 *
 * States: idle → delivering (a run is being worked off) → idle …; and from any of them → parked (a verdict said stop:
 * nothing more is called) and → ended (asked to stop: the event in hand was finished, what lay behind it dropped).
 */
import { isAscii } from "node:buffer";
import type { RunItem, Verdict } from "../../daemon/host.ts";
import type { Event, ReplayMark, WireEvent } from "../../event.ts";
import type { SlotTicket } from "../../journal/journal.ts";
import { parseExact } from "../../json.ts";
import type { ControlBlock } from "../control.ts";
import type { Link, PackedRun } from "../messages.ts";
import { unpackRun } from "../packed-run.ts";
import { instructionIn, reportError } from "./error-report.ts";
import { Reports } from "./reports.ts";
import { openSteps, type Steps } from "./steps.ts";

/** How long callbacks may follow one another before timers, I/O and messages get a turn. */
const TURN_MS = 10;

// Plugins may replace the globals by fakes.
const { setImmediate } = globalThis;

/** Calls one callback with an event; what it returns is awaited. */
export type CallCallback = (callback: number, event: Event) => unknown;

export interface DeliveryParts {
  link: Link;
  control: ControlBlock;
  slot: SlotTicket | null;
  replay: ReplayMark | null;
  call: CallCallback;
  /** The daemon's answer to a failure; and that nothing more is called for an event. */
  onVerdict(verdict: Verdict): void;
  onDone(): void;
  /** Called at each pause between events. */
  onTurn(): void;
  /** The delivery has ended because it was asked to. */
  onEnd(): void;
  /** The delivery cannot go on, by no fault of the plugin: its slot cannot be written. */
  onBroken(error: unknown): void;
}

export class Delivery {
  readonly #parts: DeliveryParts;
  readonly #queue: PackedRun[] = [];
  readonly #reports: Reports;
  #steps: Steps | null = null;
  #state: "idle" | "delivering" | "parked" | "ended" = "idle";
  /** Answers the failure that is waiting for its verdict. */
  #onVerdict: ((verdict: Verdict) => void) | null = null;
  /** Last seq that is done with; 0 before the first. */
  #doneSeq = 0;
  #began = 0;
  #turnAt = 0;
  /** Id of the event in hand, or of the last one. */
  eventId: number | null = null;
  inHand = false;

  constructor(parts: DeliveryParts) {
    this.#parts = parts;
    this.#reports = new Reports(parts.link);
  }

  hand(run: PackedRun): void {
    this.#queue.push(run);
    if (this.#state === "idle") this.#work().catch(this.#parts.onBroken);
  }

  verdict(verdict: Verdict): void {
    const answer = this.#onVerdict;
    this.#onVerdict = null;
    answer?.(verdict);
  }

  /** The step that was told of last is durable. */
  stored(until: number | null): void {
    this.#steps?.stored(until);
  }

  /** The control block already says so; this wakes whoever waits. */
  stop(): void {
    this.verdict("stop");
    if (this.#state !== "delivering") this.#end();
  }

  /** Where in the stream of events this is, as an addition to a sentence. */
  where(): string {
    if (this.eventId === null) return "";
    return this.inHand ? ` (between callbacks of event ${this.eventId})` : ` (after event ${this.eventId})`;
  }

  async #work(): Promise<void> {
    this.#state = "delivering";
    // The slot is opened this late because an older host of the same plugin may still have been writing to it.
    this.#steps ??= openSteps(this.#parts.slot, this.#parts.link);
    this.#turnAt = performance.now();
    this.#reports.begin();
    for (let run = this.#queue.shift(); run; run = this.#queue.shift()) {
      const done = await this.#deliver(run);
      if (done === "stopped") return this.#end();
      if (done === "parked") return this.#park();
    }
    this.#state = "idle";
    if (this.#parts.control.stopRequested) this.#end();
  }

  async #deliver(run: PackedRun): Promise<"done" | "stopped" | "parked"> {
    const text = Buffer.from(run.bytes.buffer, run.bytes.byteOffset, run.bytes.byteLength);
    // the same for ASCII, and faster
    const encoding = isAscii(text) ? "latin1" : "utf8";
    for (const item of unpackRun(run)) {
      if (this.#parts.control.stopRequested) {
        await this.#finishRun();
        return "stopped";
      }
      const event = readEvent(text.toString(encoding, item.start, item.end), item, this.#parts.replay);
      this.eventId = event.id;
      this.inHand = true;
      const calling = this.#callAll(item, event);
      // awaiting what is there already costs more than many a callback
      const going = typeof calling === "boolean" ? calling : await calling;
      this.inHand = false;
      this.#parts.onDone();
      // The slot keeps the failing event as begun, with the number of its finished callbacks.
      if (!going) return this.#parts.control.stopRequested ? "stopped" : "parked";
      this.#doneSeq = item.seq;
      if (performance.now() - this.#turnAt > TURN_MS) {
        // a plugin can die in this pause, and that must not bring a finished event back
        await this.#steps!.done(item.seq);
        await this.#giveTurn();
      }
    }
    await this.#finishRun();
    release(run);
    return "done";
  }

  /** @returns false when nothing more is to be called; a promise only when a callback needs one */
  #callAll(item: RunItem, event: Event): boolean | Promise<boolean> {
    const { seq, callbacks, redelivered } = item;
    // Also says that the event before is done, which saves a write for each event.
    const told = this.#steps!.begun(seq, redelivered ? (callbacks[0] ?? 0) : 0);
    if (told) return this.#callTold(item, event, told);
    for (let i = 0; i < callbacks.length; i += 1) {
      if (i > 0) this.#steps!.begun(seq, callbacks[i - 1]! + 1);
      const result = this.#call(seq, callbacks[i]!, event);
      if (result !== true) return this.#callRest(item, event, i, result);
    }
    return true;
  }

  async #callRest(item: RunItem, event: Event, at: number, begun: Promise<boolean>): Promise<boolean> {
    const { seq, callbacks } = item;
    if (!(await begun)) return false;
    for (let i = at + 1; i < callbacks.length; i += 1) {
      this.#steps!.begun(seq, callbacks[i - 1]! + 1);
      if (!(await this.#call(seq, callbacks[i]!, event))) return false;
    }
    return true;
  }

  /** The same where each step has to be durable before the next call. */
  async #callTold({ seq, callbacks }: RunItem, event: Event, told: Promise<void>): Promise<boolean> {
    await told;
    for (const [i, callback] of callbacks.entries()) {
      if (i > 0) await this.#steps!.begun(seq, callbacks[i - 1]! + 1);
      if (!(await this.#call(seq, callback, event))) return false;
    }
    return true;
  }

  /** true when it has finished; else a promise of whether to go on. */
  #call(seq: number, callback: number, event: Event): true | Promise<boolean> {
    const result = this.#begin(seq, callback, event);
    if (isThenable(result)) return this.#settled(result, seq, callback, event);
    this.#left(seq, callback);
    return true;
  }

  async #settled(first: PromiseLike<unknown>, seq: number, callback: number, event: Event): Promise<boolean> {
    for (let result: unknown = first; ; result = this.#begin(seq, callback, event)) {
      try {
        await result;
        this.#left(seq, callback);
        return true;
      } catch (thrown) {
        this.#left(seq, callback);
        const verdict = await this.#failed(seq, callback, thrown);
        if (verdict !== "retry") return verdict === "continue";
        // the verdict may have come long ago: somebody else may have the lane by now
        await this.#steps!.again();
      }
    }
  }

  /** What the callback returned; a throw becomes a rejection. */
  #begin(seq: number, callback: number, event: Event): unknown {
    this.#began = performance.now();
    this.#parts.control.enter(seq, callback, this.#began);
    try {
      return this.#parts.call(callback, event);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  #left(seq: number, callback: number): void {
    this.#parts.control.leave();
    const ended = performance.now();
    this.#reports.add(seq, callback, ended - this.#began, ended);
  }

  #failed(seq: number, callback: number, thrown: unknown): Promise<Verdict> {
    this.#reports.send(Math.max(this.#doneSeq, seq - 1));
    const failure = { seq, callback, instruction: instructionIn(thrown), error: reportError(thrown) };
    return new Promise((resolve) => {
      this.#onVerdict = (verdict) => {
        this.#parts.onVerdict(verdict);
        resolve(verdict);
      };
      this.#parts.link.send({ type: "failed", failure });
    });
  }

  async #giveTurn(): Promise<void> {
    if (this.#reports.due) this.#reports.send(this.#doneSeq);
    this.#parts.onTurn();
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
    this.#turnAt = performance.now();
  }

  async #finishRun(): Promise<void> {
    if (this.#doneSeq > 0) await this.#steps!.done(this.#doneSeq);
    this.#parts.onTurn();
    this.#reports.send(this.#doneSeq);
  }

  #park(): void {
    this.#state = "parked";
    this.#queue.length = 0;
    if (this.#parts.control.stopRequested) this.#end();
  }

  #end(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#queue.length = 0;
    this.#steps?.close();
    this.#parts.onEnd();
  }
}

/** A fresh object, with its time as a Date. */
function readEvent(text: string, { redelivered }: RunItem, replay: ReplayMark | null): Event {
  const wire = parseExact(text) as WireEvent;
  const event = wire as unknown as Event;
  event.created_at = new Date(wire.created_at);
  event.redelivered = redelivered;
  event.replay = replay && { ...replay };
  return event;
}

/** Gives the memory of a run back now: the collector, which sees only a small object, would take its time. */
function release({ bytes, numbers }: PackedRun): void {
  bytes.buffer.transfer(0);
  numbers.buffer.transfer(0);
}

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (value === null || (typeof value !== "object" && typeof value !== "function")) return false;
  try {
    return typeof (value as { then?: unknown }).then === "function";
  } catch {
    // awaiting it throws the same, where a throw counts
    return true;
  }
}
