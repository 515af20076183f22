/**
 * One replay while it runs, through as many hosts as it takes. It is fed as a lane is, with the same retries and timeouts, but from
 * the past, into a host of its own, and keeps its place in the store of replays: the plugin's lane and cursor know nothing of it.
 */
import { asError, CallsheetError } from "../../errors.ts";
import type { Journal, LaneFailure } from "../../journal/journal.ts";
import type {
  ReplayCounts,
  ReplayJournal,
  ReplayProblem,
  ReplayRecord,
  ReplayStore,
} from "../../journal/replays.ts";
import type { Log } from "../../log/log.ts";
import { endHost } from "../end-host.ts";
import { Feed } from "../feed.ts";
import { LaneFigures } from "../figures.ts";
import type { Host, HostStart, HostStarter, PluginFile } from "../host.ts";
import { type LoadProblem, loadHost } from "../loading.ts";
import { Matcher } from "../matching.ts";
import { openOrder } from "../order.ts";
import { pause } from "../pause.ts";
import { Attempts } from "../policy.ts";
import type { SiteLog } from "../site-log.ts";
import type { FeedEnd, Retrying } from "../trouble.ts";
import { DryRun } from "./dry/dry-run.ts";
import { keepGoing } from "./keep-going.ts";
import { PastEvents } from "./past-events.ts";
import { ReplayPlace } from "./place.ts";

export interface ReplayRunParts {
  record: ReplayRecord;
  file: PluginFile;
  start: HostStarter;
  store: ReplayStore;
  journal: Journal;
  site: Pick<SiteLog, "within">;
  log: Log;
  /** How long a host may take to finish its event in hand before it is ended. */
  graceMs: number;
  /** Texts that must stand in nothing that is kept. */
  secrets: readonly string[];
}

/** Where a host keeps what becomes of it. */
interface Kept {
  journal: ReplayJournal;
  place: ReplayPlace;
}

/** What it is doing. */
export type ReplayActivity = "loading" | "running" | "retrying" | "restarting" | "stopping";

export type ReplayEnd =
  | { state: "finished" | "stopped"; problem: null }
  | { state: "failed"; problem: ReplayProblem };

type Standing = Pick<ReplayRecord, "doneId" | "counts">;

export class ReplayRun {
  readonly #parts: ReplayRunParts;
  readonly #attempts = new Attempts();
  #activity: ReplayActivity = "loading";
  #standing: Standing;
  #feed: Feed | null = null;
  #place: ReplayPlace | null = null;
  #skip: { seq: number; key: string } | null = null;
  #host: Host | null = null;
  #loads = 0;

  constructor(parts: ReplayRunParts) {
    this.#parts = parts;
    const { doneId, counts } = parts.record;
    this.#standing = { doneId, counts };
  }

  get activity(): ReplayActivity {
    return this.#feed?.retrying ? "retrying" : this.#activity;
  }

  get inHand(): Feed["inHand"] {
    return this.#feed?.inHand ?? null;
  }

  get retrying(): Retrying | null {
    return this.#feed?.retrying ?? null;
  }

  /** How far it is. */
  get standing(): Standing {
    const doneId = Math.max(this.#standing.doneId, this.#feed?.doneSeq ?? 0);
    const counts: ReplayCounts = this.#place?.counts(doneId) ?? this.#standing.counts;
    this.#standing = { doneId, counts };
    return this.#standing;
  }

  /** Runs until it is through, cannot go on, or the signal aborts; then the event in hand is finished. Never rejects. */
  async run(signal: AbortSignal): Promise<ReplayEnd> {
    signal.addEventListener("abort", () => {
      this.#activity = "stopping";
    });
    try {
      while (!signal.aborted) {
        const next = await this.#serve(signal);
        if ("state" in next) return next;
        this.#activity = "restarting";
        await pause(next.waitMs, signal);
      }
      return { state: "stopped", problem: null };
    } catch (thrown) {
      if (signal.aborted) return { state: "stopped", problem: null };
      return { state: "failed", problem: problemOf(asError(thrown)) };
    }
  }

  /** One host, from loading to its end. */
  async #serve(signal: AbortSignal): Promise<ReplayEnd | { waitMs: number }> {
    const { record, store, log, graceMs, file } = this.#parts;
    const journal = await store.open(record.id);
    const through = new AbortController();
    const { feed, place } = await this.#newFeed(journal, through, signal);
    const loaded = await this.#load(feed, { journal, place }, signal);
    if (!("host" in loaded)) return loaded;
    const { host } = loaded;
    this.#host = host;
    try {
      await journal.register(host.callbacks.map(({ key }) => key));
      this.#feed = feed;
      this.#place = place;
      if (!signal.aborted) this.#activity = "running";
      const matcher = new Matcher(host.callbacks, file.language);
      const end = await feed.run(host, matcher, AbortSignal.any([signal, through.signal]));
      await (end.kind === "stopped" ? endHost(host, graceMs, { log, plugin: file.name }) : host.kill());
      await feed.settle();
      if (end.kind === "stopped" && through.signal.aborted) await place.advance(record.last);
      return this.#after(end, through.signal.aborted);
    } finally {
      await host.kill();
      this.#standing = { ...this.standing, doneId: (await journal.cursor()).seq };
      this.#feed = null;
      this.#place = null;
      this.#host = null;
    }
  }

  async #newFeed(journal: ReplayJournal, through: AbortController, signal: AbortSignal) {
    const { record, site, log, file } = this.#parts;
    const look = () => {
      if (atEnd && place.isThrough(feed.doneSeq)) through.abort();
    };
    let atEnd = false;
    const onEnd = () => {
      atEnd = true;
      look();
    };
    const events = new PastEvents({ journal: this.#parts.journal, site, range: record, signal, onEnd });
    const place = new ReplayPlace(events, journal, await journal.counts());
    const feed: Feed = new Feed({
      journal: place,
      lane: place,
      order: openOrder("independent"),
      self: { file, active: true, doneSeq: 0 },
      log,
      pluginName: file.name,
      attempts: this.#attempts,
      skip: this.#skip,
      figures: new LaneFigures(),
      whenStopped: "the replay stops at this event",
      onFailure: () => {},
      onLate: () => {},
      onProgress: look,
    });
    return { feed, place };
  }

  async #load(feed: Feed, kept: Kept, signal: AbortSignal): Promise<{ host: Host } | ReplayEnd> {
    const { record, start, file, log } = this.#parts;
    const { slot } = kept.journal;
    const request = { plugin: file, slot, listener: feed, signal, ...this.#hostReplay(kept) };
    const loaded = await loadHost(start, request, { log, before: this.#loads });
    this.#loads += 1;
    if (loaded.kind === "unwanted") return { state: "stopped", problem: null };
    if (loaded.kind === "problem")
      return { state: "failed", problem: { ...loaded.problem, eventId: null, callback: null } };
    return { host: record.keepGoing ? keepGoing(loaded.host) : loaded.host };
  }

  #hostReplay({ journal, place }: Kept): Pick<HostStart, "replay" | "throughSite"> {
    const { record, secrets } = this.#parts;
    const { id, dryRun } = record;
    const replay = { id, dryRun };
    if (!dryRun) return { replay };
    const dry = new DryRun({
      secrets,
      inHand: () => this.#calling(),
      keep: async (eventId, write) => {
        await journal.keepWrite(eventId, write);
        place.wrote();
      },
    });
    return { replay, throughSite: (site) => dry.over(site) };
  }

  /** The call that goes on; a seq is an event's id here. */
  #calling(): { eventId: number; callback: string } | null {
    const call = this.#host?.inHand();
    return call ? { eventId: call.seq, callback: this.#host!.callbacks[call.callback]!.key } : null;
  }

  #after(end: FeedEnd, isThrough: boolean): ReplayEnd | { waitMs: number } {
    if (end.kind === "stopped") return { state: isThrough ? "finished" : "stopped", problem: null };
    if (end.kind === "failed") return { state: "failed", problem: problemAt(end.failure) };
    this.#skip = end.skip;
    return { waitMs: end.waitMs };
  }
}

function problemAt({ code, message, stack, eventId, callback }: LaneFailure): ReplayProblem {
  return { code, message, hint: null, stack, eventId: eventId || null, callback };
}

function problemOf(error: Error): ReplayProblem {
  const known = error instanceof CallsheetError;
  const {
    code,
    message,
    hint = null,
  }: Omit<LoadProblem, "stack" | "hint"> & { hint?: string | null } = known
    ? { code: error.code, message: error.message, hint: error.hint ?? null }
    : { code: "INTERNAL", message: error.message };
  const stack = known ? null : (error.stack ?? null);
  return { code, message, hint, stack, eventId: null, callback: null };
}
