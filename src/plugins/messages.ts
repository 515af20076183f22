/**
 * What the daemon and a plugin's host say to one another. One list for every kind of host; each message can be cloned
 * by a message port.
 */
import type { TransportFailure, WireReply, WireRequest, WireStream } from "../client/transport.ts";
import type {
  CallbackFailure,
  CallbackInfo,
  CallSpan,
  ErrorReport,
  HostExit,
  HostProgress,
  PluginLogLine,
  Verdict,
} from "../daemon/host.ts";
import type { ErrorCode } from "../errors.ts";
import type { ReplayMark } from "../event.ts";
import type { LaneStep, SlotTicket } from "../journal/journal.ts";
import type { LogLevel } from "../plugin.ts";

/** What a guest knows when it begins. */
export interface GuestStart {
  pluginPath: string;
  pluginName: string;
  slot: SlotTicket | null;
  control: SharedArrayBuffer;
  siteUrl: string;
  siteTimeoutMs: number;
  useSessionUuid: boolean;
  /** Whether each call of a callback is told of. */
  timing: boolean;
  /** Set where spans are wanted: texts that must not stand in one. The thread forgets them when it has read them. */
  spans: { secrets: readonly string[] } | null;
  /** Whether the daemon is told the keys of the callbacks' scripts. */
  tellKeys: boolean;
  logLevel: LogLevel;
  memoryLimitBytes: number;
  /** null: the host is a lane's own. */
  replay: ReplayMark | null;
}

/** A run of events in a form that is quick to post; see `packed-run.ts`. */
export interface PackedRun {
  numbers: Float64Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
}

/** What a thread asks or tells about the modules it loads, on a port of its own. */
export type ModuleMessage =
  /** Asks for a file as JavaScript, and waits for the `ModuleAnswer`. */
  | { type: "strip"; url: string; path: string }
  /** This file was loaded as it is. `source` is null where Node reads it by itself. */
  | { type: "loaded"; path: string; source: string | Uint8Array | null }
  /** This file was wanted and is not there. */
  | { type: "missing"; path: string };

export type ModuleAnswer =
  | { source: string }
  | { error: { code: string; message: string; hint: string | null } };

export type ToGuest =
  | { type: "run"; run: PackedRun }
  | { type: "verdict"; verdict: Verdict }
  /** The step that was told of last is durable. */
  | { type: "stored"; until: number | null }
  | { type: "reply"; id: number; outcome: RequestOutcome | StreamOutcome }
  | { type: "stop" };

export type FromGuest =
  | { type: "loaded"; callbacks: CallbackInfo[]; emails: true | false | string[]; runsOn: string | null }
  | { type: "load-failed"; failure: LoadFailure }
  | ({ type: "progress" } & HostProgress)
  | { type: "failed"; failure: CallbackFailure }
  /** Waits for `stored`. */
  | { type: "step"; step: LaneStep }
  | { type: "log"; line: PluginLogLine }
  | { type: "called"; call: CallSpan }
  /** `stream` asks for a reply whose body comes piece by piece; only hosts that can hand over a stream may ask. */
  | { type: "request"; id: number; request: WireRequest; timeoutMs: number; stream?: boolean }
  | { type: "abort"; id: number }
  | { type: "dying"; exit: Dying }
  | { type: "stopped" };

/** What became of a request that a plugin made. */
export type RequestOutcome =
  | { kind: "reply"; reply: WireReply }
  | { kind: "broken"; failure: TransportFailure; message: string };

/** A reply whose body is still coming. One that breaks has its `TransportFailure` as the `cause` of its error. */
export interface StreamOutcome {
  kind: "stream";
  reply: WireStream;
}

export interface LoadFailure {
  code: ErrorCode;
  message: string;
  hint: string | null;
  error: ErrorReport | null;
  /** True for a syntax error of which V8 does not say where it is. */
  placeUnknown?: boolean;
  /** True when it may well load the next time, with nothing changed. */
  passing?: boolean;
}

/** What a guest needs of whatever carries its messages. */
export interface Link {
  send(message: FromGuest): void;
  /** Ends this host at once. */
  exit(code: number): void;
}

/** The last words of a host that ends though nobody asked it to. */
export type Dying = Pick<HostExit, "code" | "message" | "error">;
