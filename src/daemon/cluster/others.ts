/** The plugins that this daemon does not run, as the others tell of them, and as their records are. */
import type { Cluster, LaneRecord } from "../../journal/journal.ts";
import { statusOf } from "../answers/answers.ts";
import type { Happenings } from "../happenings.ts";
import type { PluginFile } from "../host.ts";
import type { LaneStatus } from "../lane-status.ts";
import { Bell, pause } from "../pause.ts";
import type { Reading } from "../status.ts";
import type { Moved } from "./moved.ts";
import { type Heard, type HostWords, heard, inWords } from "./words.ts";

export interface OthersParts {
  cluster: Cluster;
  /** What this daemon runs. */
  own(): LaneStatus[];
  /** Plugin files of the last look, in strict order. */
  files(): readonly PluginFile[];
  /** How the reading goes here. */
  reading(): Reading;
  figures: Omit<HostWords, "startedAt">;
  startedAt: string;
  lastSeq(): number;
  /** Plugins whose lane has another path than their file here. */
  moved: Pick<Moved, "laneOf">;
  happenings: Happenings;
}

const EVERY_MS = 1000;
/** What has not changed is told again after so many. */
const TELL_AGAIN_AFTER = 10;
/** After a change, which others may come with. */
const SOON_MS = 100;

/** What a host may be doing no more when it is not heard of. */
const FLOWING: readonly LaneStatus["activity"][] = ["loading", "running", "idle", "retrying", "restarting"];

export class Others {
  readonly #parts: OthersParts;
  readonly #changed = new Bell();
  #said = "";
  #turns = 0;
  /** By `HostRecord.id`. */
  #heard: ReadonlyMap<string, Heard> = new Map();
  #records: readonly LaneRecord[] = [];

  constructor(parts: OthersParts) {
    this.#parts = parts;
  }

  /** Until the signal aborts. While the database is away, what was heard last still stands. */
  async run(signal: AbortSignal): Promise<void> {
    const deaf = this.#parts.happenings.listen(({ kind }) => {
      if (kind === "activity" || kind === "operated") this.#changed.wake();
    });
    try {
      while (!signal.aborted) {
        await this.exchange().catch(() => {});
        const woken = new AbortController();
        const rest = AbortSignal.any([signal, woken.signal]);
        const change = this.#changed.wait(rest).then(() => pause(SOON_MS, rest));
        await Promise.race([pause(EVERY_MS, rest), change]);
        woken.abort();
      }
    } finally {
      deaf();
    }
  }

  /** Tells and hears now. @throws CallsheetError STATE_UNUSABLE when the database does not answer */
  async exchange(): Promise<void> {
    const { cluster, own, figures, startedAt, reading } = this.#parts;
    const { takeOvers, fenced } = figures;
    const said = { startedAt, takeOvers, fenced, reading: this.#reads() ? reading() : null, lanes: own() };
    const words = inWords(said);
    this.#turns += 1;
    const isKnown = words === this.#said && this.#turns % TELL_AGAIN_AFTER !== 0;
    // a crash of the database forgets what was said
    this.#said = "";
    const exchanged = await cluster.exchange(isKnown ? null : words);
    this.#said = words;
    this.#records = exchanged.lanes;
    this.#heard = new Map(
      Array.from(exchanged.words, ([id, text]) => [id, heard(text)] as const).filter(
        (entry): entry is [string, Heard] => entry[1] !== null,
      ),
    );
  }

  /** What a host told of itself; null: nothing yet. */
  said(id: string): HostWords | null {
    const { cluster, figures, startedAt } = this.#parts;
    if (id === cluster.self.id) return { startedAt, takeOvers: figures.takeOvers, fenced: figures.fenced };
    return this.#heard.get(id)?.host ?? null;
  }

  /** How the reading goes on the host that reads; null: it is this one, or it does not say. */
  readingElsewhere(): Reading | null {
    const { view, awaySince } = this.#parts.cluster;
    const reader = view?.reader;
    if (!reader || reader.free || reader.owner === null || awaySince !== null || this.#reads()) return null;
    return this.#heard.get(reader.owner)?.reading ?? null;
  }

  /** Whether the lane has ever been run. */
  isKnown(lane: string): boolean {
    return this.#records.some(({ id }) => id === lane);
  }

  /** All plugins whose file is there, in strict order, whoever runs them. */
  there(): LaneStatus[] {
    const own = this.#parts.own();
    const places = new Map(this.#parts.files().map(({ path }, index) => [path, index]));
    const place = ({ path }: LaneStatus) => places.get(path) ?? places.size;
    const all = [...own, ...this.#ofOthers(own).filter(({ gone }) => !gone)];
    return all.sort((a, b) => place(a) - place(b));
  }

  /** Those whose file is gone. */
  gone(): LaneStatus[] {
    return this.#ofOthers(this.#parts.own()).filter(({ gone }) => gone);
  }

  /** Files of plugins that no host has run yet. */
  #neverRun(own: readonly LaneStatus[]): PluginFile[] {
    const { files, moved } = this.#parts;
    const paths = new Set([...this.#records, ...own].map(({ path }) => path));
    return files().filter(({ path }) => !paths.has(path) && !moved.laneOf(path));
  }

  #reads(): boolean {
    const { view, self } = this.#parts.cluster;
    return view?.reader?.owner === self.id;
  }

  #ofOthers(own: readonly LaneStatus[]): LaneStatus[] {
    const ids = new Set(own.map(({ id }) => id));
    return [
      ...this.#records.filter(({ id }) => !ids.has(id)).map((record) => this.#statusOf(record)),
      ...this.#neverRun(own).map((file) => this.#fresh(file)),
    ];
  }

  #statusOf(record: LaneRecord): LaneStatus {
    const { cluster, files, lastSeq } = this.#parts;
    const base = statusOf(record, lastSeq());
    const lease = cluster.view?.lanes.find(({ id }) => id === record.id);
    const owner = lease && !lease.free ? cluster.view!.hosts.find(({ id }) => id === lease.owner) : undefined;
    if (!owner) {
      if (record.state === "absent" || !files().some(({ path }) => path === record.path)) return base;
      return { ...base, gone: false, activity: record.paused ? "paused" : "unplaced" };
    }
    const { path, name, id } = base;
    const told = this.#heard.get(owner.id)?.lanes.get(id);
    const status = {
      ...base,
      activity: base.activity === "stopped" ? ("elsewhere" as const) : base.activity,
      ...told,
      ...asRecorded(base, told),
      ...{ id, name, path, host: owner.name, gone: false },
    };
    const isUnknown = cluster.awaySince !== null && FLOWING.includes(status.activity);
    return isUnknown ? { ...status, activity: "elsewhere", inHand: null } : status;
  }

  /** Its lane is made by the first host that runs it, and begins then. */
  #fresh({ name, path }: PluginFile): LaneStatus {
    const doneSeq = this.#parts.lastSeq();
    const record: LaneRecord = {
      ...{ id: path, path, name, state: "active", failure: null, paused: null },
      ...{ startSeq: doneSeq, epoch: 0, cursor: { seq: doneSeq, begun: null } },
    };
    return { ...statusOf(record, doneSeq), gone: false, activity: "unplaced" };
  }
}

/** What the record knows at once, and its host tells a moment later. */
function asRecorded(
  { paused, failure }: LaneStatus,
  told: Partial<LaneStatus> | undefined,
): Partial<LaneStatus> {
  if (paused) return { paused, failure, activity: "paused" };
  return { paused, ...(told?.activity === "paused" && { activity: "loading" }) };
}
