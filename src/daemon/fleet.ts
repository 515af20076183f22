/**
 * All lanes: finds the plugin files, runs a lane for each, and keeps up with changes of the folders and of every file that a
 * plugin has loaded. A folder that cannot be listed for a moment keeps its plugins.
 */
import { existsSync } from "node:fs";
import { basename } from "node:path";
import { CallsheetError } from "../errors.ts";
import type { Journal, LaneJournal, LaneRecord } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import type { Happenings } from "./happenings.ts";
import type { HostStarter, LoadedModule, PluginFile } from "./host.ts";
import { Lane } from "./lane.ts";
import { laneOf, newLaneId } from "./lane-of.ts";
import type { LaneOptions } from "./lane-options.ts";
import type { LaneStatus } from "./lane-status.ts";
import type { Order } from "./order.ts";
import { pause } from "./pause.ts";

/** A folder that cannot be listed at the moment; `folder` is its index in the configuration. */
type FolderTrouble = CallsheetError & { readonly folder: number };

export interface FleetOptions {
  folders: readonly string[];
  scan(folders: readonly string[]): Promise<{ files: PluginFile[]; problems: FolderTrouble[] }>;
  /** Paths of the modules whose content is no longer what was loaded. */
  changed(modules: readonly LoadedModule[]): Promise<string[]>;
  start: HostStarter;
  journal: Journal;
  order: Order;
  log: Log;
  happenings: Happenings;
  spans?: LaneOptions["spans"];
  reloadIntervalMs: number;
  graceMs: number;
}

/** A thread that is stuck in the operating system does not say what it holds. */
const MEMORY_WITHIN_MS = 500;

interface Running {
  lane: Lane;
  laneJournal: LaneJournal;
  stop: AbortController;
  done: Promise<void>;
  /** Looks in a row that did not find its file. */
  missed: number;
}

export class Fleet {
  readonly #options: FleetOptions;
  readonly #running = new Map<string, Running>();
  readonly #failed = Promise.withResolvers<never>();
  #problems: FolderTrouble[] = [];

  constructor(options: FleetOptions) {
    this.#options = options;
    this.#failed.promise.catch(() => {});
  }

  status(): LaneStatus[] {
    return [...this.#running.values()]
      .sort(
        (a, b) => a.lane.file.folder - b.lane.file.folder || (a.lane.file.path < b.lane.file.path ? -1 : 1),
      )
      .map(({ lane }) => lane.status());
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
    return this.#problems;
  }

  /** Starts the lanes of the plugins that are there now. Resolves when all are running, none necessarily loaded. */
  async begin(): Promise<void> {
    await this.#look();
  }

  /** Keeps up with the files until the signal aborts, then stops every lane. Rejects when a lane met a broken journal. */
  async run(signal: AbortSignal): Promise<void> {
    try {
      while (await Promise.race([pause(this.#options.reloadIntervalMs, signal), this.#failed.promise])) {
        await this.#look();
        await this.#reloadChanged();
      }
    } finally {
      await this.stop();
    }
  }

  /** Lanes finish their event in hand, all at the same time. */
  async stop(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }

  async #look(): Promise<void> {
    const { files, problems } = await this.#options.scan(this.#options.folders);
    this.#tellProblems(problems);
    const found = new Set(files.map(({ path }) => path));
    for (const running of this.#running.values()) {
      const { path, folder } = running.lane.file;
      // a folder that cannot be listed says nothing about its plugins
      if (problems.some((problem) => problem.folder === folder)) continue;
      running.missed = found.has(path) ? 0 : running.missed + 1;
      // editors and deployments take a file away for a moment: one look without it is not enough
      if (running.missed > 1) await this.#retire(running);
    }
    const fresh = files.filter(({ path }) => !this.#running.has(path));
    if (fresh.length === 0) return;
    const records = await this.#options.journal.lanes();
    for (const file of fresh) await this.#addOrWait(file, found, records);
  }

  /** On a full disk a new plugin waits for the next look; those that run go on. */
  async #addOrWait(file: PluginFile, found: ReadonlySet<string>, records: LaneRecord[]): Promise<void> {
    try {
      await this.#add(file, found, records);
    } catch (error) {
      if (!(error instanceof CallsheetError) || error.code !== "STATE_FULL") throw error;
      const message = `${file.name} cannot be started: ${error.message} It is tried again.`;
      this.#options.log.critical(message, { plugin: file.name, code: error.code });
    }
  }

  async #add(file: PluginFile, found: ReadonlySet<string>, records: LaneRecord[]): Promise<void> {
    const { journal, order, log, happenings, spans, start, graceMs } = this.#options;
    const taken = (path: string) => found.has(path) || this.#running.has(path);
    const known = laneOf(file, records, taken);
    const id = known?.id ?? newLaneId(file.name);
    const laneJournal = await journal.openLane({
      id,
      path: file.path,
      name: file.name,
      startSeq: journal.head.lastSeq,
    });
    if (known && known.path !== file.path) {
      log.info(`${file.name} moved from ${known.path} to ${file.path}; it goes on where it was`, {
        plugin: file.name,
      });
      await laneJournal.relocate(file.path);
      known.path = file.path;
    }
    const { seq } = await laneJournal.cursor();
    const options = { file, laneJournal, journal, start, order, log, happenings, spans, graceMs };
    const lane = new Lane(options, { doneSeq: seq, paused: known?.paused ?? null });
    const stop = new AbortController();
    order.add(lane);
    const done = lane.run(stop.signal).catch((error) => this.#failed.reject(error));
    this.#running.set(file.path, { lane, laneJournal, stop, done, missed: 0 });
  }

  async #retire({ lane, laneJournal, stop, done }: Running): Promise<void> {
    this.#options.log.info(`${lane.file.name} was removed; its cursor is kept`, { plugin: lane.file.name });
    stop.abort();
    await done;
    this.#options.order.remove(lane);
    this.#running.delete(lane.file.path);
    await laneJournal.setState("absent", lane.status().failure);
  }

  async #reloadChanged(): Promise<void> {
    for (const { lane } of this.#running.values()) {
      // a plugin whose file is away for a moment keeps running; the next look tells whether it is gone for good
      if (!existsSync(lane.file.path)) continue;
      const changed = await this.#options.changed(lane.modules);
      if (changed.length === 0 || !existsSync(lane.file.path)) continue;
      const what = changed.map((path) => basename(path)).join(", ");
      this.#options.log.info(`${what} changed; reloading ${lane.file.name}`, { plugin: lane.file.name });
      lane.again();
    }
  }

  #tellProblems(problems: FolderTrouble[]): void {
    const known = new Set(this.#problems.map(({ message }) => message));
    for (const problem of problems) {
      if (!known.has(problem.message)) this.#options.log.error(problem.describe(), { code: problem.code });
    }
    this.#problems = problems;
  }
}
