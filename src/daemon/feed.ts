/**
 * Feeding one host: reads the journal from the lane's cursor, finds what matches, hands it over, and follows the host's
 * progress. A feed lives as long as its host. How it can end stands in `FeedEnd`; what follows from that is the lane's.
 *
 * A few runs are with the host at a time, so that it never waits for the next while there is one. Progress within
 * them is written to the slot by the host itself; the daemon only stores that a run matches (before handing it over)
 * and, now and then, that the cursor passed events which concern nobody.
 */
import type { Cursor, JournalEntry } from "../journal/journal.ts";
import { whileDiskIsFull } from "./disk-full.ts";
import type { FeedParts } from "./feed-parts.ts";
import { type Gathered, gather } from "./gather.ts";
import { HandedRuns } from "./handed-runs.ts";
import type {
  CallbackFailure,
  CallbackInfo,
  CallSpan,
  Host,
  HostExit,
  HostListener,
  HostProgress,
  PluginLogLine,
  RunItem,
  Verdict,
} from "./host.ts";
import { LateEvents } from "./late.ts";
import type { Matcher } from "./matching.ts";
import { Bell } from "./pause.ts";
import { tellsOfError, writeLine } from "./plugin-lines.ts";
import { type FeedEnd, type Retrying, Trouble } from "./trouble.ts";
import { watchCalls } from "./watchdog.ts";

/** How often the cursor is stored while it passes events that concern nobody. */
const ADVANCE_EVERY_MS = 1000;

export class Feed implements HostListener {
  readonly #parts: FeedParts;
  readonly #ended = Promise.withResolvers<FeedEnd>();
  readonly #moved = new Bell();
  readonly #over = new AbortController();
  #host: Host | null = null;
  #trouble: Trouble | null = null;
  #goneEarly: HostExit | null = null;
  #matcher: Matcher | null = null;
  #cursor: Cursor = { seq: 0, begun: null };
  /** Last seq that was handed over or passed. */
  #fed = 0;
  /** Last seq that the host reported. */
  #hostDone = 0;
  #done = 0;
  #stored = 0;
  #storedAt = 0;
  /** All that may be handed over is: what is done now has nothing behind it that would store it. */
  #caughtUp = false;
  readonly #runs = new HandedRuns();
  #lastId: number | null = null;
  readonly #late = new LateEvents();

  constructor(parts: FeedParts) {
    this.#parts = parts;
  }

  /** Aborts when it has ended: nothing more is handed over. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get doneSeq(): number {
    return this.#done;
  }

  /** The callback that is being called, and for how long. */
  get inHand(): { eventId: number | null; callback: string; forMs: number } | null {
    const call = this.#host?.inHand();
    if (!call) return null;
    return {
      eventId: this.#runs.idOf(call.seq),
      callback: this.#callback(call.callback).key,
      forMs: call.forMs,
    };
  }

  get retrying(): Retrying | null {
    return this.#trouble?.retrying ?? null;
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
    this.#trouble = this.#troubleOf(host);
    const timeouts = watchCalls(host, {
      late: (call) => void this.#trouble!.timedOut(call).catch((error) => this.#ended.reject(error)),
      long: (call) => this.#trouble!.takesLong(call),
    });
    if (this.#goneEarly) this.exited(this.#goneEarly);
    this.#loop().catch((error) => {
      // a stop ends the wait for a full disk with an error that no longer matters
      if (!this.#over.signal.aborted) this.#ended.reject(error);
    });
    try {
      return await this.#ended.promise;
    } finally {
      timeouts.close();
      signal.removeEventListener("abort", stopped);
      this.#over.abort();
      this.#parts.spans?.end();
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
      const limit = order.limit(self);
      if (limit <= this.#fed) await this.#idly(() => order.change(over));
      else if (this.#runs.enough) await this.#moved.wait(over);
      else {
        const itemOf = (entry: JournalEntry) => this.#item(entry);
        const gathered = await gather(journal, { afterSeq: this.#fed, limit, itemOf, over });
        if (gathered) await this.#hand(gathered);
        else await this.#idly(() => journal.appended(this.#fed, over));
      }
    }
  }

  /** @param wait until there may be something to hand over; it may reject once the feed is over */
  async #idly(wait: () => Promise<void>): Promise<void> {
    this.#caughtUp = true;
    try {
      await this.#store();
      await wait();
    } catch (error) {
      if (!this.#over.signal.aborted) throw error;
    } finally {
      this.#caughtUp = false;
    }
  }

  async #hand({ entries, run }: Gathered): Promise<void> {
    const { items } = run;
    const from = entries[0]!.seq;
    const to = entries.at(-1)!.seq;
    const matched = items.map(({ seq }) => seq);
    const begunSeq = this.#cursor.begun?.seq;
    // begun, and nothing left to call for it: still an event that was delivered
    if (begunSeq !== undefined && begunSeq >= from && begunSeq <= to && matched[0] !== begunSeq)
      matched.unshift(begunSeq);
    this.#parts.figures.redelivered += items.filter(({ redelivered }) => redelivered).length;
    if (matched.length > 0) {
      await this.#written(() => this.#parts.lane.handOver({ from, to, matched }));
      if (this.#over.signal.aborted) return;
    }
    this.#fed = to;
    this.#late.take(entries);
    this.#runs.add(entries, items);
    if (items.length > 0) this.#host!.hand(run);
    this.#settleRuns();
  }

  #item(entry: JournalEntry): RunItem | null {
    const { seq, start, end } = entry;
    if (this.#parts.lane.hadBefore(entry)) return this.#tellHadBefore(entry.id);
    const callbacks = this.#matcher!.match(entry.event_type, entry.attribute_name);
    if (callbacks.length === 0) return null;
    const { begun, doubtfulTo = 0 } = this.#cursor;
    if (begun?.seq !== seq) return { seq, start, end, callbacks, redelivered: seq <= doubtfulTo };
    const { skip } = this.#parts;
    const finished = new Set(begun.finished);
    if (skip?.seq === seq) finished.add(skip.key);
    const left = callbacks.filter((index) => !finished.has(this.#callback(index).key));
    return left.length > 0 ? { seq, start, end, callbacks: left, redelivered: true } : null;
  }

  #tellHadBefore(id: number): null {
    const { log, pluginName: plugin } = this.#parts;
    const told = `event ${id} is none for ${plugin}, which had it before`;
    log.debug(told, { plugin, event_id: id, kind: "had" });
    return null;
  }

  /** Moves `done` over the runs, or the part of a run, that the host is through with. */
  #settleRuns(): void {
    const before = this.#done;
    this.#done = Math.max(this.#done, this.#runs.settle(this.#hostDone));
    if (this.#done === before) return;
    this.#moved.wake();
    this.#parts.order.moved();
    const late = this.#late.doneTo(this.#done);
    if (late.length > 0) this.#parts.onLate(late);
    if (this.#caughtUp || performance.now() - this.#storedAt >= ADVANCE_EVERY_MS)
      this.#store().catch((error) => this.#ended.reject(error));
  }

  async #store(): Promise<void> {
    if (this.#done <= this.#stored) return;
    this.#stored = this.#done;
    this.#storedAt = performance.now();
    await this.#written(() => this.#parts.lane.advance(this.#stored));
  }

  #written<T>(write: () => Promise<T>): Promise<T> {
    return whileDiskIsFull(write, this.#parts.log, this.#over.signal);
  }

  #troubleOf(host: Host): Trouble {
    return new Trouble({
      ...this.#parts,
      host,
      begun: this.#cursor.begun,
      over: this.#over.signal,
      end: (end) => this.#end(end),
      onFailure: (failure, consequence, retryInMs) => {
        this.#parts.spans?.failed(failure.eventId, consequence);
        this.#parts.onFailure(failure, consequence, retryInMs);
      },
      onLost: (failure, forMs) =>
        this.#parts.spans?.lost(failure, this.#runs.entry(failure.seq)?.event_type ?? "", forMs),
      broken: (error) => this.#ended.reject(error),
      idOf: (seq) => this.#runs.idOf(seq),
      lastId: () => this.#lastId,
    });
  }

  #end(end: FeedEnd): void {
    this.#over.abort();
    this.#ended.resolve(end);
  }

  // what the host tells

  progress(report: HostProgress): void {
    const { figures, onProgress } = this.#parts;
    const { seq, calls, busyMs, times } = report;
    this.#lastId = this.#runs.idOf(seq);
    this.#parts.spans?.done(this.#lastId);
    figures.progress(calls, busyMs);
    const keyOf = (callback: number) => this.#callback(callback).key;
    const recent = times ? figures.times(times, keyOf, (at) => this.#runs.idOf(at)) : [];
    this.#hostDone = Math.max(this.#hostDone, seq);
    this.#settleRuns();
    onProgress(report, recent);
  }

  log(line: PluginLogLine): void {
    writeLine(this.#parts.log, this.#parts.pluginName, line);
    if (tellsOfError(line)) this.#parts.onError?.(line);
  }

  called(call: CallSpan): void {
    this.#parts.spans?.called({ ...call, callback: this.#callback(call.callback).name });
  }

  failed(report: CallbackFailure): Promise<Verdict> {
    return this.#trouble!.failed(report);
  }

  exited(exit: HostExit): void {
    // loaded and gone before it was fed
    if (!this.#trouble) this.#goneEarly = exit;
    else this.#trouble.died(exit).catch((error) => this.#ended.reject(error));
  }

  #callback(index: number): CallbackInfo {
    return this.#host!.callbacks[index]!;
  }
}
