/** What a lane counts and tells: one place for its figures and its part of the happenings. */

import { fingerprint } from "../fingerprint.ts";
import type { LaneFailure } from "../journal/journal.ts";
import type { LaneActivity } from "./activities.ts";
import type { FeedParts } from "./feed-parts.ts";
import { LaneFigures } from "./figures.ts";
import type { Happenings, RecentCall } from "./happenings.ts";
import type { Host, HostProgress, PluginLogLine } from "./host.ts";
import type { LoadProblem } from "./loading.ts";
import type { Consequence, RestartReason } from "./trouble.ts";

export class LaneNews {
  readonly figures = new LaneFigures();
  readonly #happenings: Happenings;
  readonly #names: { plugin: string; lane: string };
  /** What the lane has yet to recover from. */
  #ill: { failure: LaneFailure | null; again?: { events: number; untilSeq: number; at: number } } | null =
    null;

  constructor(happenings: Happenings, names: { plugin: string; lane: string }) {
    this.#happenings = happenings;
    this.#names = names;
  }

  /** What a feed tells of, all but its progress. */
  ears(emails: () => Host["emails"]): Pick<FeedParts, "figures" | "onFailure" | "onLate" | "onError"> {
    return {
      figures: this.figures,
      onFailure: (failure, consequence, retryInMs) => this.failed(failure, consequence, retryInMs, emails()),
      onLate: (eventIds) => this.#happenings.tell({ kind: "late_done", eventIds, ...this.#names }),
      onError: (line) => this.#logged(line, emails()),
    };
  }

  activity(from: LaneActivity, to: LaneActivity): void {
    this.#happenings.tell({ kind: "activity", from, to, ...this.#names });
  }

  loaded({ callbacks, loadMs, emails }: Host): void {
    const reload = this.figures.loads > 0;
    this.figures.loads += 1;
    const told = { callbacks: callbacks.length, loadMs, reload, emails };
    this.#happenings.tell({ kind: "loaded", ...told, ...this.#names });
  }

  unloadable({ code, message, stack }: LoadProblem): void {
    this.figures.failedLoads += 1;
    this.#ill ??= { failure: null };
    this.#happenings.tell({ kind: "unloadable", code, message, stack, ...this.#names });
  }

  progress({ seq, calls, busyMs }: HostProgress, recent: RecentCall[]): void {
    if (this.#happenings.heard)
      this.#happenings.tell({ kind: "delivered", calls, busyMs, seq, recent, ...this.#names });
  }

  failed(
    failure: LaneFailure,
    consequence: Consequence,
    retryInMs: number | null,
    emails: Host["emails"],
  ): void {
    this.figures.failures[consequence] += 1;
    if (consequence === "stopped") this.#ill = { failure };
    if (!this.#happenings.heard) return;
    const known = { failure, fingerprint: fingerprint(this.#names.lane, failure) };
    this.#happenings.tell({ kind: "failure", ...known, consequence, retryInMs, emails, ...this.#names });
  }

  #logged({ logger, level, message, eventId }: PluginLogLine, emails: Host["emails"]): void {
    if (!this.#happenings.heard) return;
    const [head = "", ...rest] = message.split("\n");
    const trouble = { code: "", callback: logger, message: head, stack: rest.join("\n") || null };
    const known = { logger, level, message, eventId, fingerprint: fingerprint(this.#names.lane, trouble) };
    this.#happenings.tell({ kind: "logged", ...known, emails, ...this.#names });
  }

  restarting({ code, message, excused = false }: RestartReason, waitMs: number): void {
    this.figures.restarts += 1;
    this.#happenings.tell({ kind: "host_restart", code, message, waitMs, excused, ...this.#names });
  }

  /** A lane that runs again has recovered when it is done with the event that it had stopped at. */
  runs(doneSeq: number, lastSeq: number): void {
    if (!this.#ill) return;
    const { failure } = this.#ill;
    const backlog = Math.max(0, lastSeq - doneSeq);
    this.#ill.again ??= { events: backlog, untilSeq: lastSeq, at: performance.now() };
    if (failure && failure.callback !== null && doneSeq < failure.seq) return;
    const { at, ...waited } = this.#ill.again;
    this.#ill = null;
    const again = { ...waited, doneSeq, forMs: performance.now() - at };
    this.#happenings.tell({ kind: "recovered", failure, backlog, again, ...this.#names });
  }
}
