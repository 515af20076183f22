/**
 * All lanes: finds the plugin files, runs a lane for each, and keeps up with changes of the folders and of every file that a
 * plugin has loaded. A folder that cannot be listed for a moment keeps its plugins.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import type { CallsheetError } from "../errors.ts";
import type { LaneJournal } from "../journal/journal.ts";
import { keepPlaces, keepPlacesOfAll } from "./cluster/keep-places.ts";
import { GIVE_BACK_WITHIN_MS } from "./cluster/reading.ts";
import { AtNextLook } from "./disk-full.ts";
import type { FleetOptions } from "./fleet-options.ts";
import { Folders } from "./folders.ts";
import type { PluginFile } from "./host.ts";
import type { Lane } from "./lane.ts";
import type { LaneStatus } from "./lane-status.ts";
import { openLane } from "./open-lane.ts";
import { type Known, Opening } from "./opening.ts";
import { pause } from "./pause.ts";
import { endInTurn, Running } from "./running.ts";

/** A thread that is stuck in the operating system does not say what it holds. */
const MEMORY_WITHIN_MS = 500;
/** At a stop all lanes have been asked to end by then, ms. */
const IN_TURN_WITHIN_MS = 2000;

export class Fleet {
  readonly #options: FleetOptions;
  readonly #folders: Folders;
  readonly #running = new Map<string, Running>();
  readonly #opening: Opening;
  readonly #atNextLook: AtNextLook;
  /** A lane met a broken journal. */
  readonly #failed = new AbortController();
  #lookedAt = Number.NEGATIVE_INFINITY;
  #keepingUp: Promise<void> | null = null;
  #stopping = false;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#folders = new Folders(options);
    this.#atNextLook = new AtNextLook(options.log);
    this.#opening = new Opening({ ...options, add: (file, known) => this.#add(file, known) });
  }

  status(): LaneStatus[] {
    return [...this.#running.values()]
      .sort(
        (a, b) => a.lane.file.folder - b.lane.file.folder || (a.lane.file.path < b.lane.file.path ? -1 : 1),
      )
      .map(({ lane }) => lane.status());
  }

  /** The plugin files of the last look, in strict order. */
  get files(): readonly PluginFile[] {
    return this.#folders.files;
  }

  /** The running plugin of this name, or with this lane id. */
  find(nameOrId: string): { lane: Lane; laneJournal: LaneJournal } | null {
    const all = [...this.#running.values()];
    return (
      all.find(({ lane }) => lane.file.name === nameOrId) ??
      all.find(({ laneJournal }) => laneJournal.id === nameOrId) ??
      null
    );
  }

  /** Bytes that the hosts hold, by lane id; one that does not say at once is left out. */
  async memory(): Promise<Map<string, number>> {
    const late = new AbortController();
    const entries = [...this.#running.values()].map(async ({ lane, laneJournal: { id } }) => {
      const bytes = await Promise.race([lane.memory(), pause(MEMORY_WITHIN_MS, late.signal)]);
      return typeof bytes === "number" ? ([[id, bytes]] as [string, number][]) : [];
    });
    const known = (await Promise.all(entries)).flat();
    late.abort();
    return new Map(known);
  }

  /** Folders that could not be listed at the last look. */
  get problems(): readonly CallsheetError[] {
    return this.#folders.problems;
  }

  /** Starts the lanes of the plugins that are there now. Resolves when all are running, none necessarily loaded. */
  async begin(): Promise<void> {
    await this.#look();
  }

  /** Resolves when every plugin that was found has its place among the events, where none was read yet; or the signal aborts. */
  placed(signal: AbortSignal): Promise<void> {
    return keepPlacesOfAll(this.#options, this.files, signal);
  }

  /** Keeps up with the files until the signal aborts, then stops every lane. Rejects when a lane met a broken journal. */
  async run(signal: AbortSignal): Promise<void> {
    const failed = this.#failed.signal;
    const end = AbortSignal.any([signal, failed]);
    try {
      while (await this.#turn(end)) {
        const { allotment, reloadIntervalMs } = this.#options;
        const kept = performance.now() - this.#lookedAt >= reloadIntervalMs ? this.#keepUp() : null;
        // a lane that is free is not to wait for files that take their time, nor until others are open
        if (allotment) this.#startFresh().catch((error) => this.#failed.abort(error));
        else await kept;
        this.#handOver();
        this.#options.handOver?.look(this.#idle);
      }
      failed.throwIfAborted();
    } finally {
      await this.stop();
    }
  }

  /** Lanes finish their event in hand, all at the same time. */
  async stop(): Promise<void> {
    const { allotment, handOver, graceMs } = this.#options;
    this.#stopping = true;
    await this.#opened();
    const all = [...this.#running.values()];
    if (!handOver) return void (await Promise.all(all.map((running) => running.end())));
    const wanted = await Promise.all(
      all.map(({ file, laneJournal }) => handOver.untilDue(file, laneJournal.id)),
    );
    const inTurnMs = allotment!.together ? 0 : IN_TURN_WITHIN_MS;
    const [next, last] = [true, false].map((isWanted) => all.filter((_, i) => wanted[i] === isWanted));
    const ended = Promise.all([
      ...[endInTurn(next!, inTurnMs), handOver.close()],
      ...last!.map((running) => running.end()),
    ]).then(() => this.#emptied());
    // what waits for a database that is away ends with the journal
    ended.catch(() => {});
    const over = new AbortController();
    await Promise.race([
      ended.finally(() => over.abort()),
      pause(graceMs + inTurnMs + GIVE_BACK_WITHIN_MS, over.signal),
    ]);
  }

  /** Lanes that were being opened are open, or given back; while the database is away they are not waited for. */
  async #opened(): Promise<void> {
    const over = new AbortController();
    const opened = Promise.allSettled([this.#keepingUp, this.#opening.over()]).finally(() => over.abort());
    await (this.#options.allotment
      ? Promise.race([opened, pause(GIVE_BACK_WITHIN_MS, over.signal)])
      : opened);
  }

  /** Until something may have changed. False when the signal aborts. */
  async #turn(signal: AbortSignal): Promise<boolean> {
    const { allotment, reloadIntervalMs } = this.#options;
    if (!allotment) return pause(reloadIntervalMs, signal);
    const over = new AbortController();
    const end = AbortSignal.any([signal, over.signal]);
    const changed = allotment.changed(end).catch((error) => {
      if (!end.aborted) throw error;
    });
    await Promise.race([pause(reloadIntervalMs, end), changed]).finally(() => over.abort());
    return !signal.aborted;
  }

  /** With all files, unless it is still at that. Never rejects. */
  #keepUp(): Promise<void> {
    this.#keepingUp ??= this.#look()
      .then(() => this.#reloadChanged())
      .then(() => this.#options.allotment?.copies.look((path) => this.#running.has(path)))
      .catch((error) => this.#failed.abort(error))
      .finally(() => {
        this.#keepingUp = null;
      });
    return this.#keepingUp;
  }

  async #look(): Promise<void> {
    this.#lookedAt = performance.now();
    await this.#folders.look();
    for (const running of this.#running.values()) {
      const isThere = this.#folders.has(running.file);
      if (isThere === null) continue;
      running.missed = isThere ? 0 : running.missed + 1;
      // editors and deployments take a file away for a moment: one look without it is not enough
      if (running.missed > 1 || running.retired)
        await this.#opening.during([running.file], this.#retire(running));
    }
    await this.#startFresh();
    await this.#atNextLook.done("New plugins cannot be given their place among the events", () =>
      keepPlaces(this.#options, this.files),
    );
  }

  async #retire(running: Running): Promise<void> {
    const { name } = running.file;
    const about = { plugin: name };
    if (!running.retired) this.#options.log.info(`${name} was removed; its cursor is kept`, about);
    await this.#atNextLook.done(`The removal of ${name} cannot be stored`, () => running.retire(), about);
  }

  /** Starts what is there, is not running yet, and is this daemon's to run. Resolves when it runs. */
  async #startFresh(): Promise<void> {
    const { allotment } = this.#options;
    await this.#opening.letGo(this.files);
    const due = allotment ? allotment.due(this.#idle) : this.#idle;
    const isEmpty = this.#running.size === 0 && this.#opening.none;
    const first = allotment?.beforeOpening(due, isEmpty) ?? null;
    if (first) return first;
    await this.#opening.open(due, this.files);
  }

  get #idle(): PluginFile[] {
    return this.files.filter((file) => !this.#running.has(file.path) && !this.#opening.has(file));
  }

  /** Ends what another host is to run from now on, after the event in hand, when that is ready for it. */
  #handOver(): void {
    const { allotment, handOver, log } = this.#options;
    const staying = [...this.#running.values()].filter(({ leaving, retired }) => !leaving && !retired);
    for (const { lane, to } of handOver?.due(staying) ?? []) {
      const { file } = lane;
      log.info(`${file.name} is handed over to ${to.name}`, { plugin: file.name, host: to.name });
      allotment!.offered(file, to);
      this.#giveUp(lane);
    }
  }

  #giveUp(running: Running): void {
    running.leaving = true;
    running.end().catch((error) => this.#failed.abort(error));
  }

  #given(laneId: string): void {
    this.#options.handOver?.withdraw(laneId);
    this.#emptied().catch((error) => this.#failed.abort(error));
  }

  /** Once none of its lanes is this daemon's any more. */
  async #emptied(): Promise<void> {
    const has = [...this.#running.values()].some(({ laneJournal }) => laneJournal.lease?.ended === false);
    if (!has && this.#opening.none) await this.#options.allotment?.together?.emptied(this.#stopping);
  }

  #forget(lane: Lane, laneId: string): void {
    this.#options.handOver?.withdraw(laneId);
    if (this.#running.get(lane.file.path)?.lane !== lane) return;
    this.#options.order.remove(lane);
    this.#running.delete(lane.file.path);
  }

  async #add(file: PluginFile, { found, records, startSeq }: Known): Promise<void> {
    const opened = await openLane(this.#options, {
      ...{ file, records, startSeq, taken: (path) => found.has(path) || this.#running.has(path) },
      isWanted: () => !this.#stopping,
      onMisplaced: () => this.#giveUp(this.#running.get(file.path)!),
    });
    if (!opened) return;
    const { lane, laneJournal } = opened;
    this.#options.order.add(lane);
    const running = new Running({
      ...{ lane, laneJournal },
      onGiven: () => this.#given(laneJournal.id),
      onEnd: () => this.#forget(lane, laneJournal.id),
      onLost: () => this.#tellLost(file.name),
      onBroken: (error) => this.#failed.abort(error),
    });
    this.#running.set(file.path, running);
  }

  /** A lane that ended though nobody had asked it to. */
  #tellLost(name: string): void {
    if (this.#options.allotment) this.#options.allotment.figures.fenced += 1;
    this.#options.log.warn(`${name} was taken over by another daemon of the cluster`, { plugin: name });
  }

  async #reloadChanged(): Promise<void> {
    for (const { lane, laneJournal } of this.#running.values()) {
      // a plugin whose file is away for a moment keeps running; the next look tells whether it is gone for good
      if (!existsSync(lane.file.path)) continue;
      const { modules } = lane;
      const changed = await this.#options.changed(modules);
      if (changed.length === 0 && lane.active) this.#options.allotment?.copies.grown(laneJournal, modules);
      if (changed.length === 0 || !existsSync(lane.file.path)) continue;
      const what = changed.map((path) => basename(path)).join(", ");
      this.#options.log.info(`${what} changed; reloading ${lane.file.name}`, { plugin: lane.file.name });
      lane.again();
    }
  }
}
