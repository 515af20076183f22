/**
 * A host runs one plugin's code away from the daemon. The daemon feeds it; `src/plugins` implements it, once with a
 * worker thread and once with a python process, around the same guest body.
 *
 * Life: `HostStarter` loads the plugin and resolves with a host, or rejects with a CallsheetError (PLUGIN_*, HOST_*).
 * Then any number of `hand` calls; events are done one at a time in the order handed. The host writes its progress to
 * the slot itself, or tells each step where there is none. It ends by `stop`, by `kill`, or by itself (`listener.exited`).
 */
import type { CallReport } from "../call-times.ts";
import type { Transport } from "../client/transport.ts";
import type { ReplayMark } from "../event.ts";
import type { LaneStep, SlotTicket, SourceLines } from "../journal/journal.ts";
import type { LogLevel } from "../plugin.ts";
import type { SpanEvent } from "../tracing.ts";

/** A plugin file on disk. */
export interface PluginFile {
  /** Absolute path. */
  path: string;
  /** File name without its ending; with the folder's name before it where plugins would share a name. */
  name: string;
  language: "typescript" | "python";
  /** Index of its folder in the configuration; with the byte order of names it makes the strict order. */
  folder: number;
}

/** What a plugin registered, in order. */
export interface CallbackInfo {
  index: number;
  /** Name for people; may repeat. */
  name: string;
  /** Unique within the plugin and stable over reloads: the name, `name#2` for its second use. */
  key: string;
  scriptName: string;
  /** Only where a host was asked to tell it, to try it on the site. */
  scriptKey?: string;
  /** Normalised: null = every event; else event type (or `*`) → field names, or null for any field. */
  matchEvents: Record<string, string[] | string | null> | null;
  stopOnError: boolean;
  retry: { attempts: number; backoffMs: number };
  /** Milliseconds, or null for no limit. */
  timeoutMs: number | null;
}

/** A local file that a host has loaded: the plugin or a module it imports. */
export interface LoadedModule {
  path: string;
  /** SHA-256 of the content as loaded, hex. */
  sha256: string;
}

export interface HostStart {
  plugin: PluginFile;
  /** null: each step is told to `step`, and waited for. */
  slot: SlotTicket | null;
  /**
   * Stores how far the host is; a host whose step is refused is ended. Resolves with the time by `machineMs` until which a callback
   * may begin by it, after which it is told once more; null: at any time.
   */
  step?: (step: LaneStep) => Promise<number | null>;
  listener: HostListener;
  /** Aborts a load that is no longer wanted: the file changed again, or the daemon stops. */
  signal: AbortSignal;
  /** Puts itself between the plugin and the site. */
  throughSite?(site: Transport): Transport;
  /** For a host that gives past events again; it shares its process with no other plugin. Left out for a lane's own host. */
  replay?: ReplayMark;
}

export type HostStarter = (start: HostStart) => Promise<Host>;

/** A run of events handed to a host. */
export interface Run {
  items: readonly RunItem[];
  /** UTF-8 JSON of the events; items point into it. */
  bytes: Uint8Array;
}

export interface RunItem {
  seq: number;
  start: number;
  end: number;
  /** Indexes of the callbacks to call, ascending. */
  callbacks: readonly number[];
  /** True when the event may have been begun before. */
  redelivered: boolean;
}

/** What a host is doing right now, read without asking it. */
export interface InHand {
  seq: number;
  callback: number;
  /** Milliseconds since this call of the callback began. */
  forMs: number;
}

export interface Host {
  readonly callbacks: readonly CallbackInfo[];
  /** As `setEmails` left it. */
  readonly emails: true | false | readonly string[];
  /** Label that the plugin says its host in a cluster needs; null: any will do. */
  readonly runsOn: string | null;
  /** What runs it, when that is not Node itself: `Python 3.11.7 at /usr/bin/python3`. */
  readonly runtime: string | null;
  /** Every local module loaded so far; grows with dynamic imports. */
  readonly modules: readonly LoadedModule[];
  /** Milliseconds that loading took. */
  readonly loadMs: number;
  /** Bytes that it holds; of a process that several plugins share, all of it. null: not known. */
  memory?(): Promise<number | null>;
  hand(run: Run): void;
  /** null while between callbacks. */
  inHand(): InHand | null;
  /** Resolves when it was asked to stop and is done with its event in hand, after which it calls nothing more; or when it is gone. */
  readonly quiet: Promise<void>;
  /** Finishes the event in hand, drops what was handed beyond it, ends the host. Resolves when it is gone. */
  stop(): Promise<void>;
  /** Ends the host at once, whatever it is doing. Resolves when it is gone. `listener.exited` is not called for it. */
  kill(): Promise<void>;
}

/** What a host tells the lane. Calls come in order; after `exited`, `stop` or `kill` none follow. */
export interface HostListener {
  /**
   * Every handed event up to and including `seq` is done with. Called at the end of each run and, in long ones, a few times a
   * second. `calls` = callbacks called since the last report, `busyMs` = time spent in them, `times` = the same in more detail,
   * from hosts that measure it.
   */
  progress(report: HostProgress): void;
  /** A callback threw or rejected. The host does nothing until the verdict. */
  failed(report: CallbackFailure): Promise<Verdict>;
  log(line: PluginLogLine): void;
  /** A call of a callback has ended; only from hosts that were asked to tell, and make no spans themselves. */
  called?(call: CallSpan): void;
  /** The host ended though nobody asked it to. */
  exited(exit: HostExit): void;
}

export interface HostProgress {
  seq: number;
  /** When that was so by the host's clock, milliseconds since 1970. */
  at: number;
  calls: number;
  busyMs: number;
  times?: CallReport;
}

export interface CallbackFailure {
  seq: number;
  /** Index of the callback. */
  callback: number;
  /** What the thrown value asks for; "none" for an ordinary error. */
  instruction: { kind: "none" } | { kind: "retry"; delayMs: number } | { kind: "skip" } | { kind: "stop" };
  error: ErrorReport;
}

/** An error that crossed a thread or process. */
export interface ErrorReport {
  name: string;
  message: string;
  /** In the plugin's own lines; frames of Callsheet's guest are left out. */
  stack: string | null;
  /** What the error itself says it is to be grouped by. */
  fingerprint?: string;
  source?: ReportedSource;
}

/** Lines of the plugin's own file, as its host has just read them. */
export interface ReportedSource extends SourceLines {
  /** Of the whole file, hex. */
  sha256: string;
}

/** retry: call the same callback again. continue: this callback is done with the event. stop: hand nothing more to callbacks; the host is about to be ended. */
export type Verdict = "retry" | "continue" | "stop";

export interface HostExit {
  code: "HOST_EXITED" | "HOST_OUT_OF_MEMORY";
  /** One sentence: `process.exit(3) was called`, `unhandled rejection: …`. */
  message: string;
  error: ErrorReport | null;
  /** Why this plugin is not to blame, for one that shares its process with others: `notify ended the process they share`. */
  excuse: string | null;
  /** The event it was in the middle of, if any. */
  inHand: InHand | null;
}

export interface PluginLogLine {
  /** `plugin.<name>` or `plugin.<name>.<callback>`. */
  logger: string;
  level: LogLevel;
  message: string;
  /** Event in hand when it was written. */
  eventId: number | null;
  /** The line is about this call of a callback. */
  call?: TimedCall;
}

/** One call of a callback, for a span. Times are milliseconds since 1970. */
export interface CallSpan {
  /** Index of the callback. */
  callback: number;
  event: SpanEvent;
  startedAt: number;
  endedAt: number;
  /** What it threw. */
  error: ErrorReport | null;
}

/** One call of a callback, for `log.timing`. Times are ISO 8601. */
export interface TimedCall {
  /** Its name. */
  callback: string;
  /** When the event was made. */
  created_at: string;
  started_at: string;
  ended_at: string;
  failed: boolean;
}
