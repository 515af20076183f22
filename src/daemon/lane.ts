/**
 * A lane: one plugin being fed, through as many hosts as it takes.
 *
 *   loading ──▶ running ──▶ failed ──────┐            failed, unloadable: until a file changes or `again()`
 *      ▲  │        │ ▲                   │            restarting: after a pause, its host having died
 *      │  └▶ unloadable ─────────────────┤            running includes waiting for events and waiting to retry
 *      │           ▼ │                   │            paused: from any of them, until `resume()`
 *      ├──── restarting                  │            idle is running without a callback, helper a file without registerCallbacks
 *      └─────────────────────────────────┘
 *
 * waiting: its lease has run out, since the journal could not be reached; from any of them but `paused`, until it is held again. A load
 * goes on meanwhile.
 *
 * A change of the plugin's files ends what is going on, after the event in hand, and begins at `loading` again. In `failed`,
 * `unloadable` and `paused` there is no host; the events wait in the journal.
 */
import type { DeedRecord, LaneFailure, LaneJournal, OperatorNote } from "../journal/journal.ts";
import type { LaneActivity } from "./activities.ts";
import { Between } from "./between.ts";
import { lifeOf } from "./cluster/lane-life.ts";
import { OwnLease } from "./cluster/own-lease.ts";
import { storedUnless } from "./disk-full.ts";
import { beingEnded, endHost, hearOut } from "./end-host.ts";
import { Feed } from "./feed.ts";
import type { RecentCall } from "./happenings.ts";
import type { LoadedModule, PluginFile } from "./host.ts";
import { LaneNews } from "./lane-news.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { LaneSpans } from "./lane-spans.ts";
import { detailOfLane, type LaneDetail, type LaneNow, type LaneStatus, statusOfLane } from "./lane-status.ts";
import { LaneHost } from "./loaded.ts";
import { type Loaded, loadHost } from "./loading.ts";
import { Matcher } from "./matching.ts";
import type { OrderedLane } from "./order.ts";
import { pause, untilAborted } from "./pause.ts";
import { Attempts } from "./policy.ts";
import type { FeedEnd } from "./trouble.ts";

/** Activities in which there is no host and nothing but a person or a changed file goes on. */
const AT_REST: readonly LaneActivity[] = ["failed", "unloadable", "helper", "paused", "stopped"];

export class Lane implements OrderedLane {
  readonly file: PluginFile;
  readonly #options: LaneOptions;
  readonly #attempts = new Attempts();
  readonly #news: LaneNews;
  readonly #spans: LaneSpans | null;
  readonly #lease: OwnLease;
  #activity: LaneActivity = "loading";
  #since = new Date().toISOString();
  #change = new AbortController();
  readonly #between = new Between();
  #feed: Feed | null = null;
  readonly #last = new LaneHost();
  #failure: LaneFailure | null = null;
  #skip: { seq: number; key: string } | null = null;
  #doneSeq: number;
  #onQuiet = async () => {};

  constructor(options: LaneOptions, begin: { doneSeq: number }) {
    this.file = options.file;
    this.#options = options;
    this.#news = new LaneNews(options.happenings, { plugin: this.file.name, lane: options.laneJournal.id });
    this.#spans = options.spans?.(this.file.name) ?? null;
    this.#lease = new OwnLease(options.laneJournal.lease, () => this.#become("waiting"));
    this.#doneSeq = begin.doneSeq;
  }

  get active(): boolean {
    return !AT_REST.includes(this.#activity);
  }

  get doneSeq(): number {
    return Math.max(this.#doneSeq, this.#feed?.doneSeq ?? 0);
  }

  get paused(): OperatorNote | null {
    return this.#options.laneJournal.paused;
  }

  /** The files whose change means a reload; none while one is under way. */
  get modules(): readonly LoadedModule[] {
    if (this.#activity === "loading" || this.paused || this.#change.signal.aborted) return [];
    return this.#last.modules;
  }

  status(): LaneStatus {
    return statusOfLane(this.#now());
  }

  detail(): LaneDetail {
    return detailOfLane(this.#now());
  }

  callsFor(seq: number): RecentCall[] {
    return this.#news.figures.callsFor(seq);
  }

  /** Bytes that its host holds; null when there is none, or it is not known. */
  async memory(): Promise<number | null> {
    return (await this.#last.host?.memory?.()) ?? null;
  }

  /** A fresh host with fresh code, after the event in hand; starts a failed lane again, too. */
  again(): void {
    this.#change.abort();
  }

  /**
   * Does `work` while there is no host; the event in hand is finished first, or comes again if that takes too long.
   * @throws CallsheetError NOT_POSSIBLE_NOW when the lane has ended
   */
  between<T>(work: () => Promise<T>): Promise<T> {
    if (this.#activity === "stopped") return Promise.reject(beingEnded(this.file));
    const done = this.#between.add(work);
    this.#change.abort();
    return done;
  }

  /** Rests until it is paused no more, also after a restart. Resolves when there is no host. @param begin called before that is stored */
  async setPaused(note: OperatorNote | null, record: DeedRecord, begin?: () => void): Promise<void> {
    await this.between(async () => {
      begin?.();
      await this.#options.laneJournal.setPaused(note, record);
      if (note) this.#become("paused");
    });
  }

  /** The cursor was moved while there was no host. */
  movedTo(seq: number): void {
    this.#news.figures.passed += Math.max(0, seq - this.#doneSeq);
    this.#doneSeq = seq;
    this.#failure = null;
    this.#skip = null;
    this.#attempts.reset();
    this.#options.order.moved();
  }

  /**
   * Runs until `stop` aborts, its event in hand is finished and its host gone; or its lease is another's. Rejects as the journal does.
   * @param onQuiet called when nothing more is called and how far it came is known; its host may still be there
   */
  async run(stop: AbortSignal, onQuiet: () => Promise<void>): Promise<void> {
    this.#onQuiet = async () => (stop.aborted ? onQuiet() : undefined);
    try {
      while (!stop.aborted && !this.#lease.ended) {
        if (await this.#lease.regain(stop)) await this.#turn(stop);
      }
    } catch (error) {
      // what could not be stored is the next owner's business
      if (!this.#lease.ended) throw error;
    } finally {
      this.#become("stopped");
      this.#between.refuse(beingEnded(this.file));
    }
  }

  async #turn(stop: AbortSignal): Promise<void> {
    this.#change = new AbortController();
    const wanted = AbortSignal.any([stop, this.#change.signal]);
    await this.#between.run();
    if (this.paused) this.#become("paused");
    const waitMs = this.paused ? null : await this.#serve(wanted);
    const signal = AbortSignal.any([wanted, this.#lease.held]);
    if (waitMs === null) await untilAborted(signal);
    else if (waitMs > 0) await pause(waitMs, signal);
  }

  /** One host, from loading to its end. Answers how long to wait before the next; null = until a change. */
  async #serve(wanted: AbortSignal): Promise<number | null> {
    this.#become("loading");
    const feed = this.#newFeed();
    const loaded = await this.#load(feed, wanted);
    // also unwanted is one whose lease could not be asked for, and may be held again by now
    if (loaded.kind !== "host") return loaded.kind === "unwanted" ? 0 : null;
    const { host } = loaded;
    try {
      if (!(await this.#lease.regain(wanted))) return 0;
      const isStored = await this.#stored(wanted, async (journal) => {
        const keys = host.callbacks.map(({ key }) => key);
        // one write, where writes take their time
        const kept = [journal.register(keys), journal.setState("active", null)];
        await Promise.all([...kept, this.#options.onLoaded?.(journal, host)]);
      });
      // that may have taken longer than the lease lasts
      if (!isStored || !(await this.#lease.regain(wanted))) return 0;
      // when it aborts, the host is not asked but ended
      const held = this.#lease.held;
      const signal = AbortSignal.any([wanted, held]);
      this.#failure = null;
      this.#feed = feed;
      this.#become(host.callbacks.length > 0 ? "running" : "idle");
      this.#news.runs(this.doneSeq, this.#options.journal.head.lastSeq);
      const end = await feed.run(host, new Matcher(host.callbacks, this.file.language), signal);
      const { log, graceMs } = this.#options;
      const ending = { atOnce: held, onQuiet: () => feed.settle().then(this.#onQuiet) };
      if (end.kind === "stopped") await endHost(host, graceMs, { log, plugin: this.file.name }, ending);
      else if (end.kind === "failed" && this.#spans) await hearOut(host);
      await host.kill();
      await feed.settle();
      return await this.#after(end, wanted);
    } finally {
      await host.kill();
      this.#doneSeq = this.doneSeq;
      this.#feed = null;
      this.#last.gone();
    }
  }

  #newFeed(): Feed {
    const { journal, laneJournal, order, log } = this.#options;
    return new Feed({
      journal,
      lane: laneJournal,
      order,
      self: this,
      log,
      pluginName: this.file.name,
      attempts: this.#attempts,
      skip: this.#skip,
      spans: this.#spans,
      ...this.#news.ears(() => this.#last.emails),
      onProgress: (report, recent) => {
        laneJournal.reached({ seq: report.seq, at: Math.round(report.at) });
        this.#news.progress(report, recent);
        this.#news.runs(this.doneSeq, journal.head.lastSeq);
      },
    });
  }

  async #load(feed: Feed, signal: AbortSignal): Promise<Loaded> {
    const { log, start, laneJournal } = this.#options;
    const life = lifeOf(laneJournal, { log, signal: feed.over });
    const before = this.#news.figures.loads;
    const loaded = await this.#lease.whileOurs(signal, (ours) =>
      loadHost(start, { plugin: this.file, ...life, listener: feed, signal: ours }, { log, before }),
    );
    if (loaded.kind === "problem") {
      this.#last.unloadable(loaded);
      const helper = loaded.problem.code === "PLUGIN_NO_REGISTER" && before === 0;
      this.#become(helper ? "helper" : "unloadable");
      if (!helper) this.#news.unloadable(loaded.problem);
    }
    if (loaded.kind === "host") {
      this.#last.loaded(loaded.host);
      this.#news.loaded(loaded.host);
    }
    return loaded;
  }

  async #after(end: FeedEnd, wanted: AbortSignal): Promise<number | null> {
    if (end.kind === "stopped") return 0;
    if (end.kind === "restart") {
      this.#skip = end.skip;
      this.#become("restarting");
      this.#news.restarting(end.why, end.waitMs);
      return end.waitMs;
    }
    this.#failure = end.failure;
    if (end.failure.callback !== null) this.#doneSeq = Math.max(this.doneSeq, end.failure.seq - 1);
    this.#attempts.reset();
    const { failure, finished } = end;
    // also when the lease runs out meanwhile: it is called again for nothing otherwise
    if (!(await this.#stored(wanted, (journal) => journal.setState("failed", failure, finished)))) return 0;
    this.#become("failed");
    return null;
  }

  /** On a full disk, as soon as there is room. @returns false: the signal aborted before, and whoever comes next begins anew */
  #stored(wanted: AbortSignal, write: (journal: LaneJournal) => Promise<void>): Promise<boolean> {
    return storedUnless(wanted, () => write(this.#options.laneJournal), this.#options.log);
  }

  /** What is told of it. */
  #now(): LaneNow {
    return {
      ...{ file: this.file, options: this.#options, doneSeq: this.doneSeq },
      ...{ activity: this.#activity, since: this.#since, failure: this.#failure },
      ...{ last: this.#last, feed: this.#feed, figures: this.#news.figures },
    };
  }

  #become(activity: LaneActivity): void {
    const from = this.#activity;
    this.#activity = activity;
    this.#options.order.moved();
    if (from === activity) return;
    this.#since = new Date().toISOString();
    this.#news.activity(from, activity);
  }
}
