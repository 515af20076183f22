/**
 * The files of the plugins, as this host has them, held against what their lanes ran with last. Who runs a lane says what it runs
 * with; a host that has something else tells the others, and does not take the lane. See `agreement.ts` for the way on.
 */
import { basename } from "node:path";
import type { Cluster, CopyMark, LaneJournal, LaneLease, PluginCopy } from "../../journal/journal.ts";
import type { Log } from "../../log/log.ts";
import { hashOfAll } from "../files-hash.ts";
import type { LoadedModule } from "../host.ts";
import { NO_FILE } from "./agreement.ts";
import { described, told } from "./differences.ts";
import { isAway, isLocked } from "./locked.ts";

export interface CopiesParts {
  cluster: Cluster;
  /** The files as they are now; `sha256` null: cannot be known at the moment. `changedAt`: ms since 1970, or 0. */
  look(paths: readonly string[]): Promise<{ sha256: string | null; changedAt: number }[]>;
  log: Log;
  now?: () => number;
}

/** A difference that lasts longer is no deployment under way, ms. */
const TOLD_AFTER_MS = 10_000;
/** In place of a SHA-256: it is there, and cannot be read. */
const UNREADABLE = "unreadable";

export class Copies {
  readonly #parts: CopiesParts;
  /** Lane id → the files of its record, by the record's hash. */
  readonly #records = new Map<string, PluginCopy>();
  /** Lane id → what was said of it last, or is on its way. */
  readonly #said = new Map<string, string>();
  /** Lane id → label that the plugin itself asked for when it was loaded. */
  readonly #runsOn = new Map<string, string | null>();
  /** Lane id → what differs, since when, and whether that is told. */
  readonly #differing = new Map<string, { mark: string; since: number; told: boolean }>();

  constructor(parts: CopiesParts) {
    this.#parts = parts;
  }

  /** Says what a lane of this host runs with, where that is news. Waited for where it is news to the cluster, too. */
  async keep(lane: LaneJournal, modules: readonly LoadedModule[], runsOn: string | null): Promise<void> {
    if (modules.length === 0) return;
    this.#runsOn.set(lane.id, runsOn);
    const files = modules.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const sha256 = hashOfAll(files);
    const news = `${lane.epoch} ${sha256} ${runsOn}`;
    if (this.#said.get(lane.id) === news) return;
    this.#said.set(lane.id, news);
    const saying = this.#say(lane, { sha256, files, runsOn });
    const known = this.#parts.cluster.view?.lanes.find(({ id }) => id === lane.id)?.copy;
    if (known?.sha256 !== sha256 || known.runsOn !== runsOn) return saying;
    // whoever needs the journal meets the trouble itself
    saying.catch(() => {});
  }

  async #say(lane: LaneJournal, copy: Omit<PluginCopy, "changedAt">): Promise<void> {
    try {
      const seen = await this.#parts.look(copy.files.map(({ path }) => path));
      await lane.runsWith({ ...copy, changedAt: Math.max(...seen.map((one) => one.changedAt)) });
    } catch (error) {
      this.#said.delete(lane.id);
      // another's by now, as the lane learns by itself
      if (!isLocked(error)) throw error;
    }
  }

  /** The same for one that may have loaded more since; not waited for. */
  grown(lane: LaneJournal, modules: readonly LoadedModule[]): void {
    // whoever needs the journal meets the trouble itself
    this.keep(lane, modules, this.#runsOn.get(lane.id) ?? null).catch(() => {});
  }

  /** Holds all lanes but those that run here against what is here, and tells the others of what differs. */
  async look(running: (path: string) => boolean): Promise<void> {
    const lanes = (this.#parts.cluster.view?.lanes ?? []).filter(({ path }) => !running(path));
    const compared = await this.#compareAll(lanes);
    if (!compared) return;
    const found = lanes.flatMap((lane, index) => (compared[index] ? [[lane, compared[index]] as const] : []));
    this.#tellOthers(new Map(found.map(([{ id }, mark]) => [id, mark])));
    const ids = new Set(found.map(([{ id }]) => id));
    for (const id of this.#differing.keys()) if (!ids.has(id)) this.#differing.delete(id);
    for (const [lane, mark] of found) this.#tellPeople(lane, mark);
  }

  /** The copy that is here, where it is another than the lane ran with last; null: the same, or nobody has said. */
  async other(lane: LaneLease): Promise<CopyMark | null> {
    const mark = await this.#compare(lane);
    if (mark)
      this.#tellOthers(new Map([...Object.entries(this.#parts.cluster.self.copies), [lane.id, mark]]));
    return mark;
  }

  /** null while the database is away. */
  async #compareAll(lanes: readonly LaneLease[]): Promise<(CopyMark | null)[] | null> {
    try {
      return await Promise.all(lanes.map((lane) => this.#compare(lane)));
    } catch (error) {
      if (!isAway(error)) throw error;
      return null;
    }
  }

  async #compare(lane: LaneLease): Promise<CopyMark | null> {
    if (!lane.copy) return null;
    const record = await this.#recordOf(lane);
    if (!record) return null;
    const [own, ...seen] = await this.#parts.look([lane.path, ...record.files.map(({ path }) => path)]);
    if (own!.sha256 === NO_FILE) return { sha256: NO_FILE, changedAt: 0 };
    const files = record.files.map(({ path }, index) => ({
      path,
      sha256: seen[index]!.sha256 ?? UNREADABLE,
    }));
    const sha256 = hashOfAll(files);
    if (sha256 === record.sha256) return null;
    return { sha256, changedAt: Math.max(...seen.map(({ changedAt }) => changedAt)) };
  }

  async #recordOf({ id, copy }: LaneLease): Promise<PluginCopy | null> {
    const known = this.#records.get(id);
    if (known?.sha256 === copy!.sha256) return known;
    const record = await this.#parts.cluster.copyOf(id);
    if (record) this.#records.set(id, record);
    return record;
  }

  #tellOthers(found: ReadonlyMap<string, CopyMark>): void {
    const { cluster } = this.#parts;
    const copies = Object.fromEntries([...found].toSorted(([a], [b]) => (a < b ? -1 : 1)));
    if (JSON.stringify(copies) === JSON.stringify(cluster.self.copies)) return;
    // it goes with the next sign of life, if not now
    cluster.tellCopies(copies).catch(() => {});
  }

  #tellPeople({ id, path, copy }: LaneLease, { sha256, changedAt }: CopyMark): void {
    const mark = `${sha256} ${copy!.sha256}`;
    const { host } = copy!;
    const now = this.#now();
    const known = this.#differing.get(id);
    const differing = known?.mark === mark ? known : { mark, since: now, told: false };
    this.#differing.set(id, differing);
    if (differing.told || now - differing.since < TOLD_AFTER_MS || sha256 === NO_FILE) return;
    differing.told = true;
    this.#parts.log.warn(
      `${basename(path)}: this machine has other files than ${host} ran it with, and does not take it over with them: ` +
        `${described(told(host, copy!))} there, ${described(told("", { sha256, changedAt }))} here`,
      { file: path, code: "PLUGIN_COPY" },
    );
  }

  #now(): number {
    return (this.#parts.now ?? (() => performance.now()))();
  }
}
