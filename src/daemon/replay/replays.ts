/**
 * The replays of a daemon: those that run, and what is kept of those that ran. Nothing here is waited for by a lane, and nothing that
 * goes wrong with a replay ends anything else.
 */
import { CallsheetError } from "../../errors.ts";
import type { IdRange, Journal } from "../../journal/journal.ts";
import type { ReplayRecord, ReplayStore } from "../../journal/replays.ts";
import type { Log } from "../../log/log.ts";
import { whileAnswering } from "../answers/while-answering.ts";
import { isAway } from "../cluster/locked.ts";
import type { Happenings } from "../happenings.ts";
import type { HostStarter, PluginFile } from "../host.ts";
import { noteOf, tellDeed, type Who } from "../operated.ts";
import { untilAborted } from "../pause.ts";
import type { SiteLog } from "../site-log.ts";
import { unknownPlugin } from "../unknown-plugin.ts";
import { markedLog } from "./marked-log.ts";
import { idsOfRange, type ReplayRange } from "./range.ts";
import { ReplayRun } from "./run.ts";
import { type ReplayStatus, StoredReplays, statusOf } from "./stored.ts";

export interface ReplaysParts {
  store: ReplayStore;
  journal: Journal;
  /** Since when the journal has not answered, where that can be; null while it does. */
  awaySince(): string | null;
  site: Pick<SiteLog, "within" | "lowestId">;
  /** The running plugin of this name, or with this lane id. */
  find(nameOrId: string): { file: PluginFile; lane: string } | null;
  plugins(): readonly { name: string }[];
  start: HostStarter;
  log: Log;
  happenings: Happenings;
  /** How long a host may take to finish its event in hand before it is ended. */
  graceMs: number;
  /** Texts that must stand in nothing that is kept. */
  secrets: readonly string[];
}

/** What a replay would do. */
export interface ReplayPlan {
  plugin: string;
  first: number;
  last: number;
  /** The site is asked for the events before this one; null: for all. */
  heldFrom: number | null;
}

interface Running {
  run: ReplayRun;
  record: ReplayRecord;
  /** Its abort carries "stopped", or "interrupted" at the end of the daemon. */
  stop: AbortController;
  done: Promise<void>;
}

const MOST_RUNNING = 4;
const TELL_EVERY_MS = 500;

export class Replays extends StoredReplays {
  readonly #parts: ReplaysParts;
  readonly #running: Map<number, Running>;
  readonly #ending = new AbortController();

  constructor(parts: ReplaysParts) {
    const running = new Map<number, Running>();
    super(parts.store, (record) => statusOf(record, running.get(record.id)?.run));
    this.#running = running;
    this.#parts = parts;
  }

  /** @throws CallsheetError PLUGIN_UNKNOWN, NOT_POSSIBLE_NOW, SITE_*; STATE_UNUSABLE while the journal does not answer */
  async plan(plugin: string, range: ReplayRange): Promise<ReplayPlan> {
    const { journal, awaySince } = this.#parts;
    const { file } = this.#find(plugin);
    return whileAnswering(awaySince, async (over) => {
      const { first, last } = await this.#idsOf(range, over);
      const generation = (await journal.readerState())!.generation;
      const held = await journal.byId.page({ generation, after: first - 1, to: last }, 1);
      return { plugin: file.name, first, last, heldFrom: held.entries[0]?.id ?? null };
    });
  }

  /**
   * Begins to give the events of a range to a plugin again.
   * @throws CallsheetError PLUGIN_UNKNOWN; NOT_POSSIBLE_NOW when it is being given some already, or without a reason; SITE_*;
   * STATE_UNUSABLE while the journal does not answer
   */
  async start(
    plugin: string,
    { dryRun, keepGoing, ...range }: ReplayRange & { dryRun: boolean; keepGoing: boolean },
    who: Who,
  ): Promise<ReplayStatus> {
    const { store, awaySince } = this.#parts;
    if (!dryRun && who.why.trim() === "")
      throw notNow("A replay needs a reason: its plugin acts on these events twice.", {
        hint: 'Give one, such as --reason "the tracker lost them"; or look first, with a dry run.',
      });
    const { file, lane } = this.#find(plugin);
    const { first, last } = await whileAnswering(awaySince, (over) => this.#idsOf(range, over));
    this.#refuseBusy(lane, file.name);
    const order = { plugin: file.name, lane, first, last, dryRun, keepGoing, operator: noteOf(who) };
    const record = await store.begin(order);
    await this.#begin(record, file);
    await this.#done("replay", record, who, `${describe(record)}${keepGoing ? ", keeps going" : ""}`);
    return this.status(record);
  }

  /** Ends it after the event in hand; it can be resumed. @throws CallsheetError REPLAY_UNKNOWN, NOT_POSSIBLE_NOW */
  async stop(id: number, who: Who): Promise<ReplayStatus> {
    const record = await this.record(id);
    const running = this.#running.get(id);
    if (!running) throw notNow(`Replay ${id} does not run: it is ${record.state}.`);
    running.stop.abort("stopped");
    await this.#done("replay_stop", record, who, `replay ${id}`);
    return this.status(record);
  }

  /** Goes on after the last event that is done. @throws CallsheetError REPLAY_UNKNOWN, NOT_POSSIBLE_NOW, PLUGIN_UNKNOWN */
  async resume(id: number, who: Who): Promise<ReplayStatus> {
    const record = await this.record(id);
    if (this.#running.has(id)) throw notNow(`Replay ${id} runs already.`);
    if (record.state === "finished")
      throw notNow(`Replay ${id} is finished: every event of it is done.`, { hint: "Start a new one." });
    const { file } = this.#find(record.lane, record.plugin);
    this.#refuseBusy(record.lane, record.plugin);
    await this.#begin(record, file);
    await this.#done("replay_resume", record, who, `replay ${id}, after event ${record.doneId}`);
    return this.status(record);
  }

  /** Until the signal aborts; then those that run finish their event in hand and count as interrupted. */
  async run(signal: AbortSignal): Promise<void> {
    await untilAborted(signal);
    this.#ending.abort();
    for (const { stop } of this.#running.values()) stop.abort("interrupted");
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #begin(record: ReplayRecord, file: PluginFile): Promise<void> {
    const { store, log } = this.#parts;
    await store.setState(record.id, "running", null);
    const stop = new AbortController();
    const marked = markedLog(log, record.id);
    const run = new ReplayRun({ ...this.#parts, record, file, log: marked });
    const running: Running = { run, record, stop, done: Promise.resolve() };
    this.#running.set(record.id, running);
    running.done = this.#follow(running, marked).catch((error) =>
      log.error(`replay ${record.id} could not be ended as it should: ${error.message}`, {
        plugin: record.plugin,
        code: "INTERNAL",
        stack: error.stack ?? "",
      }),
    );
  }

  async #follow({ run, record, stop }: Running, log: Log): Promise<void> {
    const { store } = this.#parts;
    const { id, plugin } = record;
    let told = "";
    const tell = () => {
      const status = this.status(record);
      const text = JSON.stringify([status.counts, status.activity, status.doneId]);
      if (text !== told) this.#tell(status);
      told = text;
    };
    const timer = setInterval(tell, TELL_EVERY_MS).unref();
    try {
      const end = await run.run(stop.signal);
      const state =
        end.state === "stopped" && stop.signal.reason === "interrupted" ? "interrupted" : end.state;
      await store.setState(id, state, end.problem);
      const why = end.problem ? `: ${end.problem.message}` : "";
      log.at(end.problem ? "error" : "info", `replay ${id} of ${plugin} ${ENDED[state]}${why}`, {
        plugin,
        ...(end.problem && { code: end.problem.code }),
      });
    } finally {
      clearInterval(timer);
      this.#running.delete(id);
      const ended = await store.get(id);
      if (ended) this.#tell(this.status(ended));
    }
  }

  #tell({ id, plugin, lane, state, activity, first, last, doneId, dryRun, counts }: ReplayStatus): void {
    const told = { state, activity, first, last, doneId, dryRun, counts };
    this.#parts.happenings.tell({ kind: "replay", replay: id, plugin, lane, ...told });
  }

  #refuseBusy(lane: string, plugin: string): void {
    const busy = [...this.#running.values()].find(({ record }) => record.lane === lane);
    if (busy) {
      throw notNow(`Replay ${busy.record.id} of ${plugin} runs; a plugin has one at a time.`, {
        hint: `Wait for it, or stop it with: callsheet replays stop ${busy.record.id}`,
      });
    }
    if (this.#ending.signal.aborted) throw notNow("The daemon is stopping.");
    if (this.#running.size >= MOST_RUNNING)
      throw notNow(`${MOST_RUNNING} replays run already, which is the most at a time.`);
  }

  #find(nameOrId: string, name = nameOrId): { file: PluginFile; lane: string } {
    const found = this.#parts.find(nameOrId);
    if (found) return found;
    throw unknownPlugin(name, this.#parts.plugins());
  }

  #idsOf(range: ReplayRange, over: AbortSignal): Promise<IdRange> {
    return idsOfRange(this.#parts, range, AbortSignal.any([this.#ending.signal, over]));
  }

  /** A journal that is away keeps it later; it is done already, and nobody waits for that. */
  async #done(action: string, { plugin }: ReplayRecord, who: Who, detail: string): Promise<void> {
    const kept = tellDeed(this.#parts, { action, plugin, detail }, who);
    kept.catch(() => {});
    await whileAnswering(this.#parts.awaySince, () => kept).catch((error: unknown) => {
      if (!isAway(error)) throw error;
    });
  }
}

const ENDED: Record<Exclude<ReplayRecord["state"], "running">, string> = {
  finished: "is finished",
  stopped: "was stopped",
  interrupted: "was interrupted by the end of the daemon",
  failed: "stopped",
};

function describe({ id, first, last, dryRun }: ReplayRecord): string {
  return `${dryRun ? "dry run, " : ""}replay ${id}, events ${first} to ${last}`;
}

function notNow(message: string, options: { hint?: string } = {}): CallsheetError {
  return new CallsheetError("NOT_POSSIBLE_NOW", message, options);
}
