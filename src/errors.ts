/**
 * Every error code of Callsheet, with what it means. `docs/errors.md` lists the same codes; a test keeps the
 * two equal. A code never changes its meaning.
 *
 * Message rule: one sentence that says what is wrong and where, with the value received; `hint` says what to
 * do next. No secret ever stands in either.
 */
export const ERROR_CODES = {
  // configuration and command line
  CONFIG_NOT_FOUND: "No configuration file where one was expected.",
  CONFIG_UNREADABLE: "The configuration file could not be read or run.",
  CONFIG_INVALID: "A configuration key is unknown, missing or has a wrong value.",
  CONFIG_SECRET_MISSING: "A secret is taken from an environment variable that is not set.",
  USAGE: "The command line is not understood.",
  NODE_TOO_OLD: "This Node.js is older than Callsheet needs.",
  // plugins
  PLUGIN_FOLDER: "A plugin folder is missing or cannot be listed.",
  PLUGIN_SYNTAX: "A plugin file cannot be parsed or has TypeScript that cannot be stripped.",
  PLUGIN_LOAD: "A plugin file failed while it was loaded or while it registered.",
  PLUGIN_LOAD_TIMEOUT: "A plugin did not finish loading in time.",
  PLUGIN_NO_REGISTER: "A plugin file has no registerCallbacks function.",
  PLUGIN_REGISTRATION: "A call of registerCallback has a wrong argument.",
  PLUGIN_COPY: "A host of the cluster has other files of a plugin than it ran with last.",
  CALLBACK_FAILED: "A callback threw or rejected.",
  CALLBACK_TIMEOUT: "A callback took longer than its timeout.",
  CALLBACK_STOPPED_PLUGIN: "A callback asked that its plugin be stopped.",
  HOST_EXITED: "A plugin's host ended: process.exit, a crash or an unhandled rejection.",
  HOST_OUT_OF_MEMORY: "A plugin's host used more memory than its limit.",
  PYTHON_UNUSABLE: "The Python interpreter is missing, cannot be run or is too old.",
  // journal and state
  STATE_LOCKED: "Another daemon is using this state folder.",
  STATE_UNUSABLE:
    "The state folder cannot be created, read or written, or the database of a cluster cannot be used.",
  STATE_CORRUPT: "A state file is damaged.",
  STATE_TOO_NEW: "The state was written by a newer Callsheet.",
  HOSTS_TOO_OLD: "Hosts of the cluster run that could not work with the state as this version needs it.",
  STATE_MOVED: "The state was moved to another engine, or is on its way.",
  STATE_RESTORED: "The cluster's database is another, or older, than this host has seen.",
  STATE_FULL: "The disk under the state folder, or of the cluster's database, is full.",
  JOURNAL_NEARLY_FULL: "The journal has used most of the room that it may use.",
  JOURNAL_DROPPED: "Retention removed events that a plugin had not had yet.",
  // the Python daemon's state
  OLD_STATE: "The Python daemon's state file is missing, damaged or something else.",
  OLD_DAEMON_RUNS: "The Python daemon is still running.",
  // site
  SITE_UNREACHABLE: "The site did not answer, or not in time.",
  SITE_BUSY: "The site answered 503: overloaded or in maintenance.",
  SITE_PROTOCOL: "The site answered with an HTTP error status.",
  SITE_REPLY: "The site's reply cannot be understood.",
  SITE_FAULT: "The site refused the request.",
  SITE_AUTHENTICATION: "The site refused the credentials.",
  SITE_TOO_OLD: "The site's version lacks what the request needs.",
  SITE_DOWNLOAD: "The site does not hand out a file.",
  SITE_RESTORED: "The site's event log went back: it was restored from a backup.",
  SITE_ARGUMENT: "A client method was called with a wrong argument.",
  SITE_ABORTED: "The request was aborted by its AbortSignal.",
  // daemon
  SHUTDOWN_TIMEOUT: "A plugin did not finish its event in hand before shutdownTimeout.",
  START_ENDED: "The daemon ended before it was up.",
  STOP_TIMEOUT: "The daemon did not end in time after it was asked to.",
  ALERT_NOT_SENT: "An alert could not be sent.",
  SERVICE_FILE: "A file of a service manager cannot be written or removed.",
  PORT_IN_USE: "The port to listen on is taken.",
  // operators
  DAEMON_NOT_RUNNING: "No running daemon can be reached.",
  LOG_NOT_FOUND: "There is no log file to read.",
  PLUGIN_UNKNOWN: "There is no plugin of that name.",
  EVENT_UNKNOWN: "The journal does not hold an event with that id.",
  REPLAY_UNKNOWN: "There is no replay of that number.",
  NOT_POSSIBLE_NOW: "What an operator asked for does not fit what the plugin or the daemon is doing.",
  COMMAND_UNANSWERED: "A daemon was asked for something, and has not said whether it is done.",
  REQUEST_INVALID: "A request to the server is not understood.",
  REQUEST_REFUSED:
    "The server does not answer this request: the token, a header or where it comes from is not right.",
  NOT_FOUND: "The server has nothing at this address.",
  INTERNAL: "A bug in Callsheet.",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface CallsheetErrorOptions {
  /** What the reader of the message should do next, one sentence. */
  hint?: string;
  cause?: unknown;
}

/** The base of every error that Callsheet throws on purpose. */
export class CallsheetError extends Error {
  override name = "CallsheetError";
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: CallsheetErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }

  /** The one line a person sees: code, sentence, hint. */
  describe(): string {
    return `${this.code}: ${this.message}${this.hint ? ` ${this.hint}` : ""}`;
  }
}

/**
 * Thrown by a callback: call me again for this event after a while. Counts as an attempt only when the
 * callback has a `retry` policy with attempts left to count; without one it may be thrown for ever.
 */
export class RetryAfter extends Error {
  override name = "RetryAfter";
  /** Milliseconds from now. */
  readonly delay: number;

  /** @param delay milliseconds, at least 0 */
  constructor(delay: number, reason = "the callback asked to be called again later") {
    super(reason);
    this.delay = delay;
  }
}

/** Thrown by a callback: this event is not for me after all; record it as skipped by the plugin and go on. */
export class SkipEvent extends Error {
  override name = "SkipEvent";
  constructor(reason = "the callback asked to skip this event") {
    super(reason);
  }
}

/** Thrown by a callback: stop this plugin at this event, whatever `stopOnError` and `retry` say. */
export class StopPlugin extends Error {
  override name = "StopPlugin";
  constructor(reason = "the callback asked to stop its plugin") {
    super(reason);
  }
}

/** Whatever user code or a library threw, as an Error; its own fields are kept. */
export function asError(thrown: unknown): Error {
  if (thrown instanceof Error) return thrown;
  return new Error(
    typeof thrown === "string" ? thrown : `a value that is not an Error was thrown: ${String(thrown)}`,
  );
}
