/**
 * Feeding one host: reads the journal from the lane's cursor, finds what matches, hands it over, and follows the host's
 * progress. A feed lives as long as its host. How it can end stands in `FeedEnd`; what follows from that is the lane's.
 *
 * Up to two runs are with the host at a time, so that it never waits for the next while there is one. Progress within
 * them is written to the slot by the host itself; the daemon only stores that a run matches (before handing it over)
 * and, now and then, that the cursor passed events which concern nobody.
 */
import type { Cursor, Journal, JournalPage, LaneFailure, LaneJournal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type {
  CallbackFailure,
  CallbackInfo,
  Host,
  HostExit,
  HostListener,
  PluginLogLine,
  RunItem,
  Verdict,
} from "./host.ts";
import type { Matcher } from "./matching.ts";
import type { Order, OrderedLane } from "./order.ts";
import { Bell, pause } from "./pause.ts";
import { packRun } from "./run.ts";
import { type Attempts, decide, laneFailure } from "./trouble.ts";
import { watchTimeouts } from "./watchdog.ts";

export type FeedEnd =
  /** The signal aborted: a reload or the end of the daemon. */
  | { kind: "stopped" }
  /** The plugin stops here. `finished` = keys of the callbacks that are done with the failing event. */
  | { kind: "failed"; failure: LaneFailure; finished: string[] }
  /** The host is gone; a new one is to go on after `waitMs`. `skip`: a callback whose failure was recorded. */
  | { kind: "restart"; waitMs: number; skip: { seq: number; key: string } | null };

export interface Retrying {
  callback: string;
  eventId: number;
  attempt: number;
  of: number | null;
  /** ISO 8601 UTC. */
  nextAt: string;
}

export interface FeedParts {
  journal: Journal;
  lane: LaneJournal;
  order: Order;
  self: OrderedLane;
  log: Log;
  pluginName: string;
  attempts: Attempts;
  /** A callback whose failure for this event was recorded although its host died of it. */
  skip: { seq: number; key: string } | null;
  random?: () => number;
}

const EVENTS_A_RUN = 500;
const RUNS_WITH_HOST = 2;
/** How often the cursor is stored while it passes events that concern nobody. */
const ADVANCE_EVERY_MS = 1000;
const RESTART_MS = 1000;

interface HandedRun {
  firstSeq: number;
  ids: readonly number[];
  /** Last seq of the run, and the last one in it that the host has; null when it has none. */
  to: number;
  lastMatched: number | null;
}

export class Feed implements HostListener {
  readonly #parts: FeedParts;
  readonly #ended = Promise.withResolvers<FeedEnd>();
  readonly #moved = new Bell();
  readonly #over = new AbortController();
  #host: Host | null = null;
  #matcher: Matcher | null = null;
  #cursor: Cursor = { seq: 0, begun: null };
  /** Last seq that was handed over or passed. */
  #fed = 0;
  /** Last seq that the host reported. */
  #hostDone = 0;
  #done = 0;
  #stored = 0;
  #storedAt = 0;
  #runs: HandedRun[] = [];
  #lastId: number | null = null;
  retrying: Retrying | null = null;
  /** Calls of callbacks, and milliseconds in them, since the host was started. */
  calls = 0;
  busyMs = 0;
  lastDeliveredAt: string | null = null;

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  get doneSeq(): number {
    return this.#done;
  }

  /** Feeds until something ends it. The host itself is left to the caller. Rejects with what the journal rejects with. */
  async run(host: Host, matcher: Matcher, signal: AbortSignal): Promise<FeedEnd> {
    this.#host = host;
    this.#matcher = matcher;
    this.#cursor = await this.#parts.lane.cursor();
    this.#fed = this.#done = this.#hostDone = this.#stored = this.#cursor.seq;
    const stopped = () => this.#end({ kind: "stopped" });
    signal.addEventListener("abort", stopped, { once: true });
    if (signal.aborted) stopped();
    const timeouts = watchTimeouts(host, (late) => void this.#timedOut(late.callback, late.seq));
    this.#loop().catch((error) => this.#ended.reject(error));
    try {
      return await this.#ended.promise;
    } finally {
      timeouts.close();
      signal.removeEventListener("abort", stopped);
      this.#over.abort();
    }
  }

  /** Stores how far the cursor came; to be called when the host is gone. */
  async settle(): Promise<void> {
    if (this.#done > this.#stored) await this.#parts.lane.advance(this.#done);
  }

  async #loop(): Promise<void> {
    const { journal, order, self } = this.#parts;
    const over = this.#over.signal;
    while (!over.aborted) {
      const room = order.limit(self) - this.#fed;
      if (room <= 0) await order.change(over);
      else if (this.#runs.length >= RUNS_WITH_HOST) await this.#moved.wait(over);
      else {
        const page = await journal.read(this.#fed, Math.min(room, EVENTS_A_RUN));
        if (page.entries.length > 0) await this.#hand(page);
        else await this.#untilAppended(over);
      }
    }
  }

  async #untilAppended(over: AbortSignal): Promise<void> {
    await this.#store();
    try {
      await this.#parts.journal.appended(this.#fed, over);
    } catch (error) {
      if (!over.aborted) throw error;
    }
  }

  async #hand(page: JournalPage): Promise<void> {
    const items = page.entries.map((entry) => this.#item(entry)).filter((item) => item !== null);
    const from = page.entries[0]!.seq;
    const to = page.entries.at(-1)!.seq;
    const matched = items.map(({ seq }) => seq);
    const begunSeq = this.#cursor.begun?.seq;
    // begun, and nothing left to call for it: still an event that was delivered
    if (begunSeq !== undefined && begunSeq >= from && begunSeq <= to && matched[0] !== begunSeq)
      matched.unshift(begunSeq);
    if (matched.length > 0) {
      await this.#parts.lane.handOver({ from, to, matched });
      if (this.#over.signal.aborted) return;
    }
    this.#fed = to;
    this.#runs.push({
      firstSeq: from,
      ids: page.entries.map(({ id }) => id),
      to,
      lastMatched: items.at(-1)?.seq ?? null,
    });
    if (items.length > 0) this.#host!.hand(packRun(page, items));
    this.#settleRuns();
  }

  #item(entry: JournalPage["entries"][number]): RunItem | null {
    const { seq, start, end } = entry;
    const callbacks = this.#matcher!.match(entry.event_type, entry.attribute_name);
    if (callbacks.length === 0) return null;
    const { begun } = this.#cursor;
    if (begun?.seq !== seq) return { seq, start, end, callbacks, redelivered: false };
    const { skip } = this.#parts;
    const finished = new Set(begun.finished);
    if (skip?.seq === seq) finished.add(skip.key);
    const left = callbacks.filter((index) => !finished.has(this.#callback(index).key));
    return left.length > 0 ? { seq, start, end, callbacks: left, redelivered: true } : null;
  }

  /** Moves `done` over the runs, or the part of a run, that the host is through with. */
  #settleRuns(): void {
    const before = this.#done;
    while (this.#runs[0] && (this.#runs[0].lastMatched ?? 0) <= this.#hostDone) {
      this.#done = Math.max(this.#done, this.#runs.shift()!.to);
    }
    this.#done = Math.max(this.#done, this.#hostDone);
    if (this.#done === before) return;
    this.#moved.wake();
    this.#parts.order.moved();
    if (performance.now() - this.#storedAt >= ADVANCE_EVERY_MS)
      this.#store().catch((error) => this.#ended.reject(error));
  }

  async #store(): Promise<void> {
    if (this.#done <= this.#stored) return;
    this.#stored = this.#done;
    this.#storedAt = performance.now();
    await this.#parts.lane.advance(this.#stored);
  }

  #end(end: FeedEnd): void {
    this.#over.abort();
    this.#ended.resolve(end);
  }

  // what the host tells

  progress({ seq, calls, busyMs }: { seq: number; calls: number; busyMs: number }): void {
    this.#lastId = this.#idOf(seq);
    this.#hostDone = Math.max(this.#hostDone, seq);
    this.calls += calls;
    this.busyMs += busyMs;
    if (calls > 0) this.lastDeliveredAt = new Date().toISOString();
    this.#settleRuns();
  }

  log({ logger, level, message, eventId }: PluginLogLine): void {
    const fields = { plugin: this.#parts.pluginName, ...(eventId === null ? {} : { event_id: eventId }) };
    this.#parts.log.named(logger).at(level, message, fields);
  }

  async failed(report: CallbackFailure): Promise<Verdict> {
    const { attempts, log, lane } = this.#parts;
    const callback = this.#callback(report.callback);
    const at = this.#at(report.seq, callback, attempts.failed(report.seq, callback.key));
    const failure = laneFailure(
      at,
      report.instruction.kind === "stop" ? "CALLBACK_STOPPED_PLUGIN" : "CALLBACK_FAILED",
      report.error,
    );
    const decision = decide(callback, failure.attempts, report.instruction, this.#parts.random);
    try {
      if (decision.kind === "retry") return await this.#retryLater(failure, decision);
      if (decision.kind === "record") {
        this.#logFailure(
          failure,
          decision.outcome === "skipped" ? "info" : "error",
          `${decision.outcome}, going on`,
        );
        await lane.record({ kind: decision.outcome, failure });
        return this.#over.signal.aborted ? "stop" : "continue";
      }
      this.#stopAt(failure);
    } catch (error) {
      log.critical("a failure could not be stored", { plugin: this.#parts.pluginName });
      this.#ended.reject(error);
    }
    return "stop";
  }

  exited(exit: HostExit): void {
    this.#died(exit).catch((error) => this.#ended.reject(error));
  }

  // what follows from trouble

  async #retryLater(
    failure: LaneFailure,
    retry: { waitMs: number; attempt: number; of: number | null },
  ): Promise<Verdict> {
    const next = `calling it again in ${(retry.waitMs / 1000).toFixed(1)} s (${retry.attempt}${retry.of === null ? "" : ` of ${retry.of}`})`;
    this.#logFailure(failure, "warn", next);
    this.retrying = {
      callback: failure.callback ?? "",
      eventId: failure.eventId,
      attempt: retry.attempt,
      of: retry.of,
      nextAt: new Date(Date.now() + retry.waitMs).toISOString(),
    };
    const whole = await pause(retry.waitMs, this.#over.signal);
    this.retrying = null;
    return whole ? "retry" : "stop";
  }

  #stopAt(failure: LaneFailure): void {
    this.#logFailure(
      failure,
      "error",
      "the plugin stops at this event until its file changes or it is started again",
    );
    this.#end({ kind: "failed", failure, finished: this.#finishedBefore(failure) });
  }

  async #timedOut(index: number, seq: number): Promise<void> {
    const callback = this.#callback(index);
    await this.#host!.kill();
    const message = `${callback.name} took longer than its timeout of ${callback.timeoutMs} ms and was ended`;
    await this.#blame(callback, seq, "CALLBACK_TIMEOUT", { name: "Error", message, stack: null });
  }

  async #died({ code, message, error, inHand }: HostExit): Promise<void> {
    const report = error ?? { name: "Error", message, stack: null };
    const told = { ...report, name: "Error", message };
    if (inHand) await this.#blame(this.#callback(inHand.callback), inHand.seq, code, told);
    else await this.#diedIdle(code, told);
  }

  /** A callback that cost its host its life is treated as one that threw. */
  async #blame(
    callback: CallbackInfo,
    seq: number,
    code: string,
    error: { name: string; message: string; stack: string | null },
  ): Promise<void> {
    const { attempts, lane } = this.#parts;
    if (this.#over.signal.aborted) return;
    const { begun } = await lane.cursor();
    if (begun?.seq !== seq || begun.finished.includes(callback.key)) {
      return this.#end({ kind: "restart", waitMs: RESTART_MS, skip: null });
    }
    const failure = laneFailure(this.#at(seq, callback, attempts.failed(seq, callback.key)), code, error);
    const decision = decide(callback, failure.attempts, { kind: "none" }, this.#parts.random);
    if (decision.kind === "stop") return this.#stopAt(failure);
    if (decision.kind === "retry") {
      this.#logFailure(
        failure,
        "warn",
        `calling it again in a new host in ${(decision.waitMs / 1000).toFixed(1)} s`,
      );
      return this.#end({ kind: "restart", waitMs: decision.waitMs, skip: null });
    }
    this.#logFailure(failure, "error", "failed, going on in a new host");
    await lane.record({ kind: "failed", failure });
    this.#end({ kind: "restart", waitMs: 0, skip: { seq, key: callback.key } });
  }

  /** Between two callbacks: a timer or a promise that nobody awaited, most likely of the event before. */
  async #diedIdle(
    code: string,
    error: { name: string; message: string; stack: string | null },
  ): Promise<void> {
    const { seq } = await this.#parts.lane.cursor();
    const failure = laneFailure(
      { seq, eventId: this.#lastId ?? 0, callback: null, attempts: 1 },
      code,
      error,
    );
    failure.message =
      this.#lastId === null ? failure.message : `after event ${this.#lastId}: ${failure.message}`;
    if (this.#host!.callbacks.some(({ stopOnError }) => stopOnError)) return this.#stopAt(failure);
    this.#logFailure(failure, "error", "going on in a new host");
    this.#end({ kind: "restart", waitMs: RESTART_MS, skip: null });
  }

  #logFailure(failure: LaneFailure, level: "info" | "warn" | "error", consequence: string): void {
    const name = failure.callback === null ? this.#parts.pluginName : failure.callback;
    this.#parts.log.at(
      level,
      `${name} failed on event ${failure.eventId}: ${failure.message}; ${consequence}`,
      {
        plugin: this.#parts.pluginName,
        event_id: failure.eventId,
        code: failure.code,
        ...(failure.callback === null ? {} : { callback: failure.callback }),
        ...(failure.stack === null || level === "info" ? {} : { stack: failure.stack }),
      },
    );
  }

  #finishedBefore({ seq, callback }: LaneFailure): string[] {
    const { begun } = this.#cursor;
    const before = begun?.seq === seq ? begun.finished : [];
    const keys = this.#host!.callbacks.map(({ key }) => key);
    const at = callback === null ? 0 : keys.indexOf(callback);
    return [...new Set([...before, ...keys.slice(0, Math.max(0, at))])];
  }

  #at(seq: number, callback: CallbackInfo, attempts: number) {
    return { seq, eventId: this.#idOf(seq) ?? 0, callback: callback.key, attempts };
  }

  #callback(index: number): CallbackInfo {
    return this.#host!.callbacks[index]!;
  }

  #idOf(seq: number): number | null {
    const run = this.#runs.find(({ firstSeq, to }) => firstSeq <= seq && seq <= to);
    return run?.ids[seq - run.firstSeq] ?? null;
  }
}
