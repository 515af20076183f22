/**
 * Conditions that no single happening tells of: looked at every few seconds. Each look says again what is well, so that what
 * was mended while the daemon was down is told as mended too.
 */
import { statfs } from "node:fs/promises";
import type { Alerts } from "../alerts/alerts.ts";
import type { AlarmLimits, Alarms } from "./alarms.ts";
import { describeFiles } from "./cluster/differences.ts";
import { Lag } from "./lag.ts";
import type { LaneStatus } from "./lane-status.ts";
import { pause } from "./pause.ts";
import type { DaemonStatus } from "./status.ts";

type Seen = Pick<
  DaemonStatus,
  "startedAt" | "site" | "reading" | "cluster" | "journal" | "plugins" | "folderProblems"
>;

export interface AlarmWatchParts {
  alerts: Alerts;
  alarms: Alarms;
  limits: AlarmLimits;
  status(): Seen;
  /** State folder, and bytes that the journal may have. */
  state: string;
  maxBytes: number;
  everyMs?: number;
}

const EVERY_MS = 5000;
const NEARLY_FULL = 0.9;
const TOLD = Number.POSITIVE_INFINITY;
const ROOM_AGAIN = 0.8;
/** In these a lane could be fed; in the others a person knows already why it is not. */
const FED: readonly LaneStatus["activity"][] = ["loading", "running", "idle", "retrying", "restarting"];

export class AlarmWatch {
  readonly #parts: AlarmWatchParts;
  readonly #lag: Lag;
  /** By lane id: since when it could be fed, monotonic milliseconds. */
  readonly #fedSince = new Map<string, number>();
  readonly #open = new Set<string>();
  /** By lane id: since when no host can run it, monotonic milliseconds, or that it was told. */
  readonly #unplacedSince = new Map<string, number>();

  constructor(parts: AlarmWatchParts) {
    this.#parts = parts;
    this.#lag = new Lag(parts.limits.lagLimit || 1);
  }

  /** Until the signal aborts. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (await pause(this.#parts.everyMs ?? EVERY_MS, signal)) {
      this.look(performance.now());
      await this.#lookAtDisk();
    }
  }

  /** @param now monotonic milliseconds */
  look(now: number): void {
    const status = this.#parts.status();
    this.#lookAtSite(status);
    this.#lookAtFolders(status);
    this.#lookAtPlugins(status);
    this.#lookAtPlaces(status, now);
    this.#lookAtLag(status, now);
    this.#lookAtJournal(status);
  }

  #lookAtSite({ site, startedAt, cluster, reading }: Seen): void {
    // another host of the cluster reads, and tells; what this one told before that is over when the site answers the other
    if (cluster && cluster.reader !== cluster.host) {
      const isWell = reading?.site.state === "connected";
      this.#settle("site_away", { bad: false, well: isWell, message: () => "" });
      return;
    }
    const limit = this.#parts.limits.siteAwayAfter;
    const awayMs = Date.now() - Date.parse(site.since ?? startedAt);
    const isAway = limit !== false && site.state !== "connected" && awayMs >= limit;
    const message = () => site.lastError ?? "It has not answered since the daemon started.";
    this.#settle("site_away", { bad: isAway, well: site.state === "connected", message });
  }

  #lookAtFolders({ folderProblems }: Seen): void {
    const bad = folderProblems.length > 0;
    this.#settle("folder_away", { bad, well: !bad, message: () => folderProblems.join("\n") });
  }

  /** What was open before a restart, and plugins that are no longer there. */
  #lookAtPlugins({ plugins, folderProblems }: Seen): void {
    const { alerts, alarms } = this.#parts;
    const byName = new Map(plugins.map((plugin) => [plugin.name, plugin]));
    for (const { plugin, kind, seq } of alerts.openPlugins()) {
      const lane = byName.get(plugin);
      // a folder that cannot be listed says nothing about its plugins
      if (!lane && folderProblems.length === 0) alerts.mended({ kind, plugin, note: "was removed" });
      if (kind === "plugin_restarting" && alarms.isSteady(plugin)) alerts.mended({ kind, plugin });
      const isPast =
        (lane?.activity === "running" || lane?.activity === "idle") && lane.doneSeq >= (seq ?? 0);
      if (isPast && (kind === "plugin_failed" || kind === "plugin_unloadable"))
        alerts.mended({ kind, plugin });
    }
  }

  /** Plugins that no host of the cluster can run. */
  #lookAtPlaces({ plugins, cluster }: Seen, now: number): void {
    if (!cluster || cluster.reader !== cluster.host) return;
    const names = new Map(plugins.map(({ id, name }) => [id, name]));
    for (const { id, waitsFor, files } of cluster.plugins) {
      const plugin = names.get(id);
      if (!plugin) continue;
      if (!waitsFor) {
        this.#unplacedSince.delete(id);
        this.#parts.alerts.mended({ kind: "plugin_unplaced", plugin });
        continue;
      }
      const since = this.#unplacedSince.get(id) ?? now;
      this.#unplacedSince.set(id, since);
      // files that are being deployed differ for a moment
      if (since === TOLD || now - since < cluster.leaseMs) continue;
      this.#unplacedSince.set(id, TOLD);
      const facts =
        waitsFor === "files"
          ? { message: describeFiles(files), code: "PLUGIN_COPY" }
          : { message: `None has the label ${waitsFor.label}.` };
      this.#parts.alarms.tell("plugin_unplaced", plugin, facts);
    }
  }

  #lookAtLag({ plugins, journal }: Seen, now: number): void {
    const { lagLimit } = this.#parts.limits;
    this.#lag.sample(journal.lastSeq, now);
    for (const lane of plugins) {
      if (!FED.includes(lane.activity)) this.#fedSince.delete(lane.id);
      else if (!this.#fedSince.has(lane.id)) this.#fedSince.set(lane.id, now);
      if (lagLimit !== false) this.#lookAtLagOf(lane, lagLimit, now);
    }
  }

  #lookAtLagOf(lane: LaneStatus, limit: number, now: number): void {
    const { alerts, alarms } = this.#parts;
    const { name: plugin, inHand } = lane;
    const lag = this.#lag.of(lane.doneSeq, now);
    // one that was started again has as long to catch up; how long its events waited before is not known
    const fedFor = now - (this.#fedSince.get(lane.id) ?? now);
    if (lag <= limit / 2 && (lane.backlog === 0 || fedFor > limit))
      alerts.mended({ kind: "plugin_lagging", plugin });
    if (lag <= limit || fedFor <= limit || this.#isLagging(lane)) return;
    const at = inHand ? ` It has been at event ${inHand.eventId} for ${seconds(inHand.forMs)}.` : "";
    alarms.tell("plugin_lagging", plugin, {
      message: `Its oldest event has been waiting for ${seconds(lag)}.${at}`,
      callback: inHand?.callback,
      eventId: inHand?.eventId ?? undefined,
    });
  }

  #isLagging({ name }: LaneStatus): boolean {
    return this.#parts.alerts
      .openPlugins()
      .some(({ plugin, kind }) => plugin === name && kind === "plugin_lagging");
  }

  /** A journal that is full of what everybody has had is no trouble. */
  #lookAtJournal({ journal, plugins }: Seen): void {
    const { maxBytes } = this.#parts;
    const stored = journal.lastSeq - journal.firstSeq + 1;
    const slowest = plugins.toSorted((a, b) => b.backlog - a.backlog)[0];
    const needed = slowest && stored > 0 ? slowest.backlog / stored : 0;
    const full = Math.min(needed, journal.bytes / maxBytes);
    const message = () =>
      `${megabytes(journal.bytes)} of ${megabytes(maxBytes)} are used, and ${slowest?.backlog.toLocaleString("en-US")} events wait for ${slowest?.name} (${slowest?.activity}).`;
    this.#settle("journal_filling", { bad: full >= NEARLY_FULL, well: full < ROOM_AGAIN, message });
  }

  async #lookAtDisk(): Promise<void> {
    const { limits, state } = this.#parts;
    if (limits.diskFreeLimit === false) return;
    const disk = await statfs(state).catch(() => null);
    if (!disk) return;
    const free = disk.bavail * disk.bsize;
    const message = () => `${megabytes(free)} are left on the disk of ${state}.`;
    this.#settle("disk_low", {
      bad: free < limits.diskFreeLimit,
      well: free > limits.diskFreeLimit * 1.1,
      message,
    });
  }

  /** Between bad and well it stays what it was. */
  #settle(
    kind: "site_away" | "folder_away" | "journal_filling" | "disk_low",
    { bad, well, message }: { bad: boolean; well: boolean; message: () => string },
  ): void {
    if (well) {
      this.#open.delete(kind);
      this.#parts.alerts.mended({ kind, plugin: null });
    } else if (bad && !this.#open.has(kind)) {
      this.#open.add(kind);
      this.#parts.alarms.tell(kind, null, { message: message() });
    }
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6).toLocaleString("en-US")} MB`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000).toLocaleString("en-US")} s`;
}
