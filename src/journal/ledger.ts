/** What is written down of events, plugins and operators, for those who ask later. Part of the interface in `journal.ts`. */
import type { CommandAnswer } from "./commands.ts";

export interface LaneFailure {
  seq: number;
  /** 0 when no event had been begun. */
  eventId: number;
  /** Key of the callback, or null when the host died outside of one. */
  callback: string | null;
  code: string;
  message: string;
  stack: string | null;
  /** Calls made so far, the first included. */
  attempts: number;
  at: string;
  /** What the plugin itself says is the same trouble. */
  fingerprint?: string;
  /** Left out where it is not known. */
  source?: SourceLines;
}

/** Lines of the plugin's file around the place where it failed, as they were then. */
export interface SourceLines {
  /** Absolute path. */
  path: string;
  /** The line that failed; the first of a file is 1. */
  line: number;
  /** Which line of the file the first of `lines` is. */
  first: number;
  /** At most seven, each cut to 200 characters; what looks like a secret is masked. */
  lines: string[];
}

/** Who did something, and why. */
export interface OperatorNote {
  by: string;
  /** Empty when no reason was given. */
  why: string;
  /** ISO 8601 UTC. */
  at: string;
}

export interface OperatorAction extends OperatorNote {
  /** `pause`, `skip`, … */
  action: string;
  /** Name of the plugin, or null when it concerned none. */
  plugin: string | null;
  /** For people: `event 123`, `from place 7 to 3`. */
  detail: string;
}

/** What is written down by the very step that does what an operator wants: all of it or nothing. */
export interface DeedRecord {
  /** For the list of what operators did. */
  action?: OperatorAction | undefined;
  /** To the command, where it was given on another host. */
  answer?: CommandAnswer | undefined;
}

export type Outcome =
  | "delivered"
  | "filtered"
  | "failed"
  | "skipped"
  | "never_happened"
  | "dropped"
  | "before_start"
  /** By the daemon that its place was carried over from. */
  | "had_before"
  | "waiting";

export interface LedgerAnswer {
  lane: string;
  name: string;
  outcome: Outcome;
  failures: LaneFailure[];
  /** Who skipped it, when that was an operator. */
  operator: OperatorNote | null;
}

/** Recorded failures of one lane that are the same trouble, by their fingerprint. */
export interface RecordedGroup {
  lane: string;
  name: string;
  fingerprint: string;
  count: number;
  /** When the first of them happened. */
  firstAt: string;
  /** The newest first, at most ten. */
  newest: LaneFailure[];
}
