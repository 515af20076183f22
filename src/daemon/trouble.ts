/** Trouble in a host: a callback threw, took too long, or cost the host its life. One of these per feed. */
import type { Cursor, LaneFailure, LaneJournal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { isFull, isLocked } from "./cluster/locked.ts";
import { whileDiskIsFull } from "./disk-full.ts";
import type { CallbackFailure, CallbackInfo, ErrorReport, Host, HostExit, InHand, Verdict } from "./host.ts";
import { backoffMs, pause } from "./pause.ts";
import { type Attempts, decide, laneFailure } from "./policy.ts";

/** How a feed can end. */
export type FeedEnd =
  /** The signal aborted: a reload or the end of the daemon. */
  | { kind: "stopped" }
  /** The plugin stops here. `finished` = keys of the callbacks that are done with the failing event. */
  | { kind: "failed"; failure: LaneFailure; finished: string[] }
  /** The host is gone; a new one is to go on after `waitMs`. `skip`: a callback whose failure was recorded. */
  | { kind: "restart"; waitMs: number; skip: { seq: number; key: string } | null; why: RestartReason };

export interface RestartReason {
  code: string;
  message: string;
  /** By no fault of this plugin. Default: false. */
  excused?: boolean;
}

/** What follows from a failure: the plugin stops, the callback is called again, or the plugin goes on. */
export type Consequence = "stopped" | "retrying" | "recorded" | "skipped";

export interface Retrying {
  callback: string;
  eventId: number;
  attempt: number;
  of: number | null;
  /** ISO 8601 UTC. */
  nextAt: string;
}

export interface TroubleParts {
  host: Host;
  lane: Pick<LaneJournal, "cursor" | "record">;
  attempts: Attempts;
  log: Log;
  pluginName: string;
  /** What follows where a failure stops it, for the log. Default: what follows for a lane. */
  whenStopped?: string;
  /** The event that had begun before this host was there. */
  begun: Cursor["begun"];
  over: AbortSignal;
  end(end: FeedEnd): void;
  /** Told of every failure. `retryInMs`: null unless the callback is called again. */
  onFailure(failure: LaneFailure, consequence: Consequence, retryInMs: number | null): void;
  /** A call cost its host its life, after `forMs`. */
  onLost(failure: LaneFailure, forMs: number): void;
  /** The journal failed. */
  broken(error: unknown): void;
  /** Event id of a seq that is with the host. */
  idOf(seq: number): number | null;
  /** Id of the event finished last. */
  lastId(): number | null;
  random?: () => number;
}

const RESTART_MS = 1000;
const LONGEST_RESTART_MS = 60_000;
/** Stands for a callback's key where a host died outside of any. */
const IDLE = "";
/** Stands for a callback's key where another plugin ended the process. */
const NEIGHBOUR = " ";

export class Trouble {
  readonly #parts: TroubleParts;
  retrying: Retrying | null = null;

  constructor(parts: TroubleParts) {
    this.#parts = parts;
  }

  /** A callback threw; the host waits for the verdict. */
  async failed(report: CallbackFailure): Promise<Verdict> {
    const { attempts, log, lane } = this.#parts;
    const callback = this.#callback(report.callback);
    const at = this.#at(report.seq, callback, attempts.failed(report.seq, callback.key));
    const failure = laneFailure(
      at,
      report.instruction.kind === "stop" ? "CALLBACK_STOPPED_PLUGIN" : "CALLBACK_FAILED",
      report.error,
      this.#parts.host.modules,
    );
    const decision = decide(callback, failure.attempts, report.instruction, this.#parts.random);
    try {
      if (decision.kind === "retry") return await this.#retryLater(failure, decision);
      if (decision.kind === "record") {
        this.#logFailure(
          failure,
          decision.outcome === "skipped" ? "info" : "error",
          `${decision.outcome}, going on`,
        );
        await this.#written(() => lane.record({ kind: decision.outcome, failure }));
        this.#parts.onFailure(failure, decision.outcome === "failed" ? "recorded" : "skipped", null);
        // also when the host is to stop: it finishes its event in hand
        return "continue";
      }
      this.#stopAt(failure);
    } catch (error) {
      // its lease is another's, or it ended before there was room: whoever comes next meets the same failure
      if (this.#parts.over.aborted && (isLocked(error) || isFull(error))) return "stop";
      log.critical("a failure could not be stored", { plugin: this.#parts.pluginName });
      this.#parts.broken(error);
    }
    return "stop";
  }

  async #retryLater(
    failure: LaneFailure,
    retry: { waitMs: number; attempt: number; of: number | null },
  ): Promise<Verdict> {
    const next = `calling it again in ${(retry.waitMs / 1000).toFixed(1)} s (${retry.attempt}${retry.of === null ? "" : ` of ${retry.of}`})`;
    this.#logFailure(failure, "warn", next);
    this.#parts.onFailure(failure, "retrying", retry.waitMs);
    this.retrying = {
      callback: failure.callback ?? "",
      eventId: failure.eventId,
      attempt: retry.attempt,
      of: retry.of,
      nextAt: new Date(Date.now() + retry.waitMs).toISOString(),
    };
    const whole = await pause(retry.waitMs, this.#parts.over);
    this.retrying = null;
    return whole ? "retry" : "stop";
  }

  #stopAt(failure: LaneFailure): void {
    const where = failure.callback === null ? "" : " at this event";
    const lanes = `the plugin stops${where} until its file changes or it is started again`;
    this.#logFailure(failure, "error", this.#parts.whenStopped ?? lanes);
    this.#parts.onFailure(failure, "stopped", null);
    this.#parts.end({ kind: "failed", failure, finished: this.#finishedBefore(failure) });
  }

  /** Nothing is done about it; but a plugin that hangs must not do so in silence. */
  takesLong({ callback, seq, forMs }: InHand): void {
    const { name, timeoutMs } = this.#callback(callback);
    const event_id = this.#parts.idOf(seq) ?? 0;
    const advice = timeoutMs === null ? "; a timeout would end it" : "";
    this.#parts.log.warn(
      `${name} has been at event ${event_id} for ${Math.round(forMs / 1000)} s, and the plugin's other events wait${advice}`,
      { plugin: this.#parts.pluginName, callback: name, event_id },
    );
  }

  async timedOut(call: InHand): Promise<void> {
    const callback = this.#callback(call.callback);
    await this.#parts.host.kill();
    const message = `${callback.name} took longer than its timeout of ${callback.timeoutMs} ms and was ended`;
    await this.#blame(callback, call, "CALLBACK_TIMEOUT", { name: "Error", message, stack: null });
  }

  async died({ code, message, error, excuse, inHand }: HostExit): Promise<void> {
    if (excuse !== null) return this.#excused(code, excuse);
    const told = { ...error, name: "Error", message, stack: error?.stack ?? null };
    if (inHand) await this.#blame(this.#callback(inHand.callback), inHand, code, told);
    else await this.#diedIdle(code, told);
  }

  /** A callback that cost its host its life is treated as one that threw. */
  async #blame(
    callback: CallbackInfo,
    { seq, forMs }: InHand,
    code: string,
    error: ErrorReport,
  ): Promise<void> {
    const { attempts, lane } = this.#parts;
    if (this.#parts.over.aborted) return;
    const { begun } = await lane.cursor();
    if (begun?.seq !== seq || begun.finished.includes(callback.key)) {
      return this.#restart(RESTART_MS, { code, message: error.message });
    }
    const at = this.#at(seq, callback, attempts.failed(seq, callback.key));
    const failure = laneFailure(at, code, error, this.#parts.host.modules);
    const decision = decide(callback, failure.attempts, { kind: "none" }, this.#parts.random);
    this.#parts.onLost(failure, forMs);
    if (decision.kind === "stop") return this.#stopAt(failure);
    if (decision.kind === "retry") {
      this.#logFailure(
        failure,
        "warn",
        `calling it again in a new host in ${(decision.waitMs / 1000).toFixed(1)} s`,
      );
      this.#parts.onFailure(failure, "retrying", decision.waitMs);
      return this.#restart(decision.waitMs, failure);
    }
    this.#logFailure(failure, "error", "failed, going on in a new host");
    await this.#written(() => lane.record({ kind: "failed", failure }));
    this.#parts.onFailure(failure, "recorded", null);
    this.#restart(0, failure, { seq, key: callback.key });
  }

  /** Another plugin cost it its host. It goes on at once; the longer the pause, the more often in a row at the same event. */
  async #excused(code: string, excuse: string): Promise<void> {
    const { attempts, lane, log, pluginName } = this.#parts;
    const { seq } = await lane.cursor();
    const again = attempts.failed(seq, NEIGHBOUR) - 1;
    const waitMs = again === 0 ? 0 : backoffMs(again, { firstMs: RESTART_MS, maxMs: LONGEST_RESTART_MS });
    const when = waitMs === 0 ? "" : ` in ${(waitMs / 1000).toFixed(1)} s`;
    log.warn(`${pluginName} goes on in a new host${when}: ${excuse}`, { plugin: pluginName });
    this.#restart(waitMs, { code, message: excuse, excused: true });
  }

  /** Between two callbacks: a timer or a promise that nobody awaited, most likely of the event before. */
  async #diedIdle(code: string, error: ErrorReport): Promise<void> {
    const { attempts, lane } = this.#parts;
    const { seq } = await lane.cursor();
    const lastId = this.#parts.lastId();
    const { callbacks, modules } = this.#parts.host;
    const at = { seq, eventId: lastId ?? 0, callback: null, attempts: 1 };
    const failure = laneFailure(at, code, error, modules);
    if (callbacks.length === 0 || callbacks.some(({ stopOnError }) => stopOnError))
      return this.#stopAt(failure);
    const waitMs = backoffMs(attempts.failed(seq, IDLE), { firstMs: RESTART_MS, maxMs: LONGEST_RESTART_MS });
    this.#logFailure(failure, "error", `going on in a new host in ${(waitMs / 1000).toFixed(1)} s`);
    this.#parts.onFailure(failure, "recorded", null);
    this.#restart(waitMs, failure);
  }

  #restart(
    waitMs: number,
    { code, message, excused = false }: RestartReason,
    skip: { seq: number; key: string } | null = null,
  ): void {
    this.#parts.end({ kind: "restart", waitMs, skip, why: { code, message, excused } });
  }

  #logFailure(failure: LaneFailure, level: "info" | "warn" | "error", consequence: string): void {
    const name = failure.callback === null ? this.#parts.pluginName : failure.callback;
    this.#parts.log.at(level, `${name} failed${whereOf(failure)}: ${failure.message}; ${consequence}`, {
      kind: "failure",
      plugin: this.#parts.pluginName,
      ...(failure.eventId === 0 ? {} : { event_id: failure.eventId }),
      code: failure.code,
      ...(failure.callback === null ? {} : { callback: failure.callback }),
      ...(failure.stack === null || level === "info" ? {} : { stack: failure.stack }),
    });
  }

  #finishedBefore({ seq, callback }: LaneFailure): string[] {
    const { begun } = this.#parts;
    const before = begun?.seq === seq ? begun.finished : [];
    const keys = this.#parts.host.callbacks.map(({ key }) => key);
    const at = callback === null ? 0 : keys.indexOf(callback);
    return [...new Set([...before, ...keys.slice(0, Math.max(0, at))])];
  }

  #at(seq: number, callback: CallbackInfo, attempts: number) {
    return { seq, eventId: this.#parts.idOf(seq) ?? 0, callback: callback.key, attempts };
  }

  #written<T>(write: () => Promise<T>): Promise<T> {
    return whileDiskIsFull(write, this.#parts.log, this.#parts.over);
  }

  #callback(index: number): CallbackInfo {
    return this.#parts.host.callbacks[index]!;
  }
}

/** A host that died outside of a callback says itself after which event that was. */
function whereOf({ eventId, callback }: LaneFailure): string {
  return callback === null || eventId === 0 ? "" : ` on event ${eventId}`;
}
