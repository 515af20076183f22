/**
 * What happens in a running daemon, for those who tell people: alerts, live updates, metrics. Nobody in the flow of
 * events waits for a listener, and a listener that throws is told of in the log. Deliveries come as reports of many calls.
 */
import { asError } from "../errors.ts";
import type { LaneFailure } from "../journal/journal.ts";
import type { ReplayCounts, ReplayState } from "../journal/replays.ts";
import type { Log } from "../log/log.ts";
import type { LogLevel } from "../plugin.ts";
import type { LaneActivity } from "./activities.ts";
import type { ReplayActivity } from "./replay/run.ts";
import type { Consequence } from "./trouble.ts";

interface OfPlugin {
  /** Its name. */
  plugin: string;
  /** Id of its lane, which stays when the file moves. */
  lane: string;
}

export type HappeningBody =
  /** A plugin's lane changed what it is doing. */
  | ({ kind: "activity"; from: LaneActivity; to: LaneActivity } & OfPlugin)
  /** A plugin was loaded into a fresh host. */
  | ({ kind: "loaded"; callbacks: number; loadMs: number; reload: boolean; emails: Emails } & OfPlugin)
  /** A plugin's file does not load; its events wait. */
  | ({ kind: "unloadable"; code: string; message: string; stack: string | null } & OfPlugin)
  /** A callback failed, or a host died. `fingerprint` is the same for what is the same trouble. */
  | ({
      kind: "failure";
      failure: LaneFailure;
      fingerprint: string;
      consequence: Consequence;
      /** Milliseconds until the next call; null but for `retrying`. */
      retryInMs: number | null;
      emails: Emails;
    } & OfPlugin)
  /** A plugin wrote an error into its log. `fingerprint` as of failures; `eventId`: the event in hand. */
  | ({
      kind: "logged";
      logger: string;
      level: LogLevel;
      message: string;
      eventId: number | null;
      fingerprint: string;
      emails: Emails;
    } & OfPlugin)
  /** A plugin that had failed or did not load is past that: it is done with the event it had stopped at. */
  | ({ kind: "recovered"; failure: LaneFailure | null; backlog: number; again: RunsAgain } & OfPlugin)
  /** A host ended by itself and a new one is started. `excused`: by no fault of this plugin. */
  | ({ kind: "host_restart"; code: string; message: string; waitMs: number; excused: boolean } & OfPlugin)
  /** Calls of callbacks since the last such report. */
  | ({ kind: "delivered"; calls: number; busyMs: number; seq: number; recent: RecentCall[] } & OfPlugin)
  /** The plugin is done with these events, which became visible after events with higher ids. */
  | ({ kind: "late_done"; eventIds: number[] } & OfPlugin)
  /** An operator did something to a plugin. */
  | { kind: "operated"; action: string; plugin: string | null; by: string; why: string; detail: string }
  /** A replay began, ended or came further. */
  | ({
      kind: "replay";
      /** Its number. */
      replay: number;
      state: ReplayState;
      activity: ReplayActivity | null;
      first: number;
      last: number;
      doneId: number;
      dryRun: boolean;
      counts: ReplayCounts;
    } & OfPlugin)
  /** Events were appended to the journal. */
  | { kind: "appended"; events: number; lastSeq: number; lastId: number; newestAt: string | null }
  | { kind: "site_lost"; code: string; message: string }
  | { kind: "site_found"; afterMs: number; failures: number }
  /** The site's event log went back. */
  | { kind: "site_restored"; fromId: number; lastCommonId: number }
  | { kind: "gap_opened"; first: number; last: number }
  /** These ids never happened, as far as anybody could see. */
  | { kind: "gap_given_up"; first: number; last: number; waitedMs: number }
  /** The journal has used most of the room it may use. */
  | { kind: "journal_nearly_full"; bytes: number; maxBytes: number }
  /** Retention took events from a plugin that had not had them. */
  | { kind: "journal_dropped"; lane: string; firstSeq: number; lastSeq: number };

/** `at`: ISO 8601 UTC. */
export type Happening = HappeningBody & { at: string };

/** Who is told about a plugin, as its `setEmails` left it: true = as configured, false = nobody. */
export type Emails = true | false | readonly string[];

/** Since a plugin that stood still runs again. */
export interface RunsAgain {
  /** Events that had waited for it; it has caught up when it is done with the last of them. */
  events: number;
  untilSeq: number;
  /** The last that it is done with, and milliseconds since then. */
  doneSeq: number;
  forMs: number;
}

/** One call of a callback. */
export interface RecentCall {
  /** 0 when it is no longer known. */
  eventId: number;
  seq: number;
  /** Key of the callback. */
  callback: string;
  ms: number;
  /** When it ended. */
  at: string;
}

export class Happenings {
  readonly #log: Log;
  readonly #listeners = new Set<(happening: Happening) => void>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Whether anybody listens: what is costly to put together need not be when nobody does. */
  get heard(): boolean {
    return this.#listeners.size > 0;
  }

  /** Calls `listener` for everything that happens from now on; it must return at once. Answers what ends it. */
  listen(listener: (happening: Happening) => void): () => void {
    // a function of its own: the same one may listen twice
    const own = (happening: Happening) => listener(happening);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(body: HappeningBody): void {
    if (!this.heard) return;
    const happening = { ...body, at: new Date().toISOString() };
    for (const listener of this.#listeners) {
      try {
        listener(happening);
      } catch (thrown) {
        const error = asError(thrown);
        this.#log.error(`a listener failed at ${body.kind}: ${error.message}`, {
          code: "INTERNAL",
          stack: error.stack ?? "",
        });
      }
    }
  }
}
