/**
 * A lane: one plugin being fed, through as many hosts as it takes.
 *
 *   loading ──▶ running ──▶ failed ──────┐            failed, unloadable: until a file changes or `again()`
 *      ▲  │        │ ▲                   │            restarting: after a pause, its host having died
 *      │  └▶ unloadable ─────────────────┤            running includes waiting for events and waiting to retry
 *      │           ▼ │                   │
 *      ├──── restarting                  │
 *      └─────────────────────────────────┘
 *
 * A change of the plugin's files ends what is going on, after the event in hand, and begins at `loading` again. In `failed`
 * and `unloadable` there is no host; the events wait in the journal.
 */
import { asError, CallsheetError } from "../errors.ts";
import type { Journal, LaneFailure, LaneJournal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { whileDiskIsFull } from "./disk-full.ts";
import { Feed } from "./feed.ts";
import type { CallbackInfo, Host, HostStarter, LoadedModule, PluginFile } from "./host.ts";
import { Matcher } from "./matching.ts";
import type { Order, OrderedLane } from "./order.ts";
import { pause } from "./pause.ts";
import { Attempts } from "./policy.ts";
import type { FeedEnd, Retrying } from "./trouble.ts";

export type LaneActivity =
  | "loading"
  | "running"
  | "retrying"
  | "restarting"
  | "failed"
  | "unloadable"
  | "stopped";

export interface LaneStatus {
  id: string;
  name: string;
  path: string;
  activity: LaneActivity;
  callbacks: readonly CallbackInfo[];
  /** Last seq it is done with, and how many events of the journal lie beyond. */
  doneSeq: number;
  backlog: number;
  /** Calls of callbacks since the daemon started, and milliseconds spent in them. */
  calls: number;
  busyMs: number;
  lastDeliveredAt: string | null;
  failure: LaneFailure | null;
  /** Why it does not load. */
  loadError: { code: string; message: string } | null;
  retrying: Retrying | null;
  reloads: number;
}

export interface LaneOptions {
  file: PluginFile;
  laneJournal: LaneJournal;
  journal: Journal;
  start: HostStarter;
  order: Order;
  log: Log;
  /** How long a host may take to finish its event in hand before it is ended. */
  graceMs: number;
}

export class Lane implements OrderedLane {
  readonly file: PluginFile;
  readonly #options: LaneOptions;
  readonly #attempts = new Attempts();
  #activity: LaneActivity = "loading";
  #change = new AbortController();
  #feed: Feed | null = null;
  #host: Host | null = null;
  #callbacks: readonly CallbackInfo[] = [];
  #modules: readonly LoadedModule[] = [];
  #failure: LaneFailure | null = null;
  #loadError: LaneStatus["loadError"] = null;
  #skip: { seq: number; key: string } | null = null;
  #doneSeq: number;
  #calls = 0;
  #busyMs = 0;
  #lastDeliveredAt: string | null = null;
  #loads = 0;

  constructor(options: LaneOptions, doneSeq: number) {
    this.file = options.file;
    this.#options = options;
    this.#doneSeq = doneSeq;
  }

  get active(): boolean {
    return this.#activity !== "failed" && this.#activity !== "unloadable" && this.#activity !== "stopped";
  }

  get doneSeq(): number {
    return Math.max(this.#doneSeq, this.#feed?.doneSeq ?? 0);
  }

  /** The files whose change means a reload; none while one is under way. */
  get modules(): readonly LoadedModule[] {
    if (this.#activity === "loading" || this.#change.signal.aborted) return [];
    return this.#host?.modules ?? this.#modules;
  }

  status(): LaneStatus {
    const feed = this.#feed;
    return {
      id: this.#options.laneJournal.id,
      name: this.file.name,
      path: this.file.path,
      activity: feed?.retrying ? "retrying" : this.#activity,
      callbacks: this.#callbacks,
      doneSeq: this.doneSeq,
      backlog: Math.max(0, this.#options.journal.head.lastSeq - this.doneSeq),
      calls: this.#calls + (feed?.calls ?? 0),
      busyMs: this.#busyMs + (feed?.busyMs ?? 0),
      lastDeliveredAt: feed?.lastDeliveredAt ?? this.#lastDeliveredAt,
      failure: this.#failure,
      loadError: this.#loadError,
      retrying: feed?.retrying ?? null,
      reloads: Math.max(0, this.#loads - 1),
    };
  }

  /** A fresh host with fresh code, after the event in hand. Also what starts a failed lane again. */
  again(): void {
    this.#change.abort();
  }

  /** Runs until `stop` aborts; then the event in hand is finished and the host is gone. Rejects with what the journal rejects with. */
  async run(stop: AbortSignal): Promise<void> {
    try {
      while (!stop.aborted) {
        this.#change = new AbortController();
        const signal = AbortSignal.any([stop, this.#change.signal]);
        const waitMs = await this.#serve(signal);
        if (waitMs === null) await untilAborted(signal);
        else if (waitMs > 0) await pause(waitMs, signal);
      }
    } finally {
      this.#become("stopped");
    }
  }

  /** One host, from loading to its end. Answers how long to wait before the next; null = until a change. */
  async #serve(signal: AbortSignal): Promise<number | null> {
    this.#become("loading");
    const feed = new Feed({
      journal: this.#options.journal,
      lane: this.#options.laneJournal,
      order: this.#options.order,
      self: this,
      log: this.#options.log,
      pluginName: this.file.name,
      attempts: this.#attempts,
      skip: this.#skip,
    });
    const host = await this.#load(feed, signal);
    if (!host) return signal.aborted ? 0 : null;
    try {
      await this.#written(async (journal) => {
        await journal.register(host.callbacks.map(({ key }) => key));
        await journal.setState("active", null);
      }, signal);
      this.#failure = null;
      this.#feed = feed;
      this.#become("running");
      const end = await feed.run(host, new Matcher(host.callbacks, this.file.language), signal);
      await this.#endHost(host, end);
      await feed.settle();
      return await this.#after(end, signal);
    } finally {
      await host.kill();
      this.#fold(feed, host);
    }
  }

  async #load(feed: Feed, signal: AbortSignal): Promise<Host | null> {
    const { log, start, laneJournal } = this.#options;
    try {
      const host = await start({ plugin: this.file, slot: laneJournal.slot, listener: feed, signal });
      this.#loads += 1;
      this.#host = host;
      this.#callbacks = host.callbacks;
      this.#loadError = null;
      this.#logLoaded(host);
      return host;
    } catch (thrown) {
      if (signal.aborted) return null;
      const error = asError(thrown);
      const code = error instanceof CallsheetError ? error.code : "PLUGIN_LOAD";
      if (isLoadFailure(error)) this.#modules = error.modules;
      this.#loadError = { code, message: error.message };
      this.#become("unloadable");
      const hint = error instanceof CallsheetError && error.hint ? ` ${error.hint}` : "";
      const helper = code === "PLUGIN_NO_REGISTER";
      // a file that never registered is a helper; one that did is missed
      log.at(
        !helper ? "error" : this.#loads > 0 ? "warn" : "info",
        `${this.file.name} is not active: ${error.message}${hint}`,
        {
          plugin: this.file.name,
          code,
          ...(stackOf(error) === null || helper ? {} : { stack: stackOf(error)! }),
        },
      );
      return null;
    }
  }

  /** The event in hand is finished, unless that takes too long. */
  async #endHost(host: Host, end: FeedEnd): Promise<void> {
    if (end.kind !== "stopped") return host.kill();
    const grace = new AbortController();
    const stopped = host.stop().then(() => grace.abort());
    const late = await pause(this.#options.graceMs, grace.signal);
    if (late) {
      const event = host.inHand();
      this.#options.log.error(
        `${this.file.name} did not finish its event in hand within ${this.#options.graceMs / 1000} s and was ended; the event comes again`,
        {
          plugin: this.file.name,
          code: "SHUTDOWN_TIMEOUT",
          ...(event ? { callback: this.#callbacks[event.callback]?.name ?? "" } : {}),
        },
      );
      await host.kill();
    }
    await stopped;
  }

  async #after(end: FeedEnd, signal: AbortSignal): Promise<number | null> {
    if (end.kind === "stopped") return 0;
    if (end.kind === "restart") {
      this.#skip = end.skip;
      this.#become("restarting");
      return end.waitMs;
    }
    this.#failure = end.failure;
    this.#attempts.reset();
    await this.#written((journal) => journal.setState("failed", end.failure, end.finished), signal);
    this.#become("failed");
    return null;
  }

  #written(write: (journal: LaneJournal) => Promise<void>, signal: AbortSignal): Promise<void> {
    return whileDiskIsFull(() => write(this.#options.laneJournal), this.#options.log, signal);
  }

  #fold(feed: Feed, host: Host): void {
    this.#modules = host.modules;
    this.#doneSeq = this.doneSeq;
    this.#calls += feed.calls;
    this.#busyMs += feed.busyMs;
    this.#lastDeliveredAt = feed.lastDeliveredAt ?? this.#lastDeliveredAt;
    this.#feed = null;
    this.#host = null;
  }

  #become(activity: LaneActivity): void {
    this.#activity = activity;
    this.#options.order.moved();
  }

  #logLoaded(host: Host): void {
    const count = host.callbacks.length === 1 ? "1 callback" : `${host.callbacks.length} callbacks`;
    const sha = host.modules.find(({ path }) => path === this.file.path)?.sha256.slice(0, 6) ?? "?";
    const verb = this.#loads > 1 ? "reloaded" : "loaded";
    const level = host.callbacks.length === 0 ? "warn" : "info";
    this.#options.log.at(
      level,
      `${verb} ${this.file.name} (${count}, sha ${sha}, ${Math.round(host.loadMs)} ms)`,
      {
        plugin: this.file.name,
      },
    );
  }
}

/** A load error that knows which files were read, so that a change of any of them starts the next attempt. */
function isLoadFailure(error: Error): error is Error & { modules: readonly LoadedModule[] } {
  return "modules" in error && Array.isArray(error.modules);
}

function stackOf(error: Error): string | null {
  if (!(error instanceof CallsheetError)) return error.stack ?? null;
  return error.cause instanceof Error ? (error.cause.stack ?? null) : null;
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}
