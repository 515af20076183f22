/** The contract between a plugin file and Callsheet: what `registerCallbacks` is given, and what a callback is. */
import type { Shotgun } from "./client/shotgun.ts";
import type { Event } from "./event.ts";

/** A logger that writes to the plugin's log. Arguments fill `%s %d %i %f %j %o %%` as in `util.format`. */
export interface PluginLogger {
  readonly name: string;
  debug(message: unknown, ...args: unknown[]): void;
  info(message: unknown, ...args: unknown[]): void;
  warn(message: unknown, ...args: unknown[]): void;
  /** The same as `warn`; the Python daemon's name for it. */
  warning(message: unknown, ...args: unknown[]): void;
  error(message: unknown, ...args: unknown[]): void;
  critical(message: unknown, ...args: unknown[]): void;
  /** Lines below this level are dropped at the source. Default: the configured `log.level`. */
  setLevel(level: LogLevel): void;
}

export type LogLevel = "debug" | "info" | "warn" | "error" | "critical";

/**
 * One callback. It has finished when it returns or, if async, when its promise settles.
 * @param sg a connection of its own, with the script name and key it was registered with
 * @param args the object given at registration: the same object, each time
 */
export type Callback<Args = unknown> = (
  sg: Shotgun,
  logger: PluginLogger,
  event: Event,
  args: Args,
) => unknown;

/**
 * Which events a callback wants: event type → field names. The key `*` stands for every event type; a value of
 * null or one that contains `*` stands for every field; a string is a list of one; an empty list matches
 * nothing. null, undefined or `{}` as a whole: every event.
 */
export type MatchEvents = Record<string, readonly string[] | string | null>;

/** How often, and how fast, a callback that threw is called again for the same event. */
export interface RetryPolicy {
  /** Calls in addition to the first, 0 or more. */
  attempts: number;
  /** Pause before the first repeat: milliseconds or a text such as "500ms", "2s". Doubles each time, up to 1 minute. Default "1s". */
  backoff?: number | string;
}

export interface CallbackOptions<Args = unknown> {
  /** Script name on the site. */
  scriptName: string;
  /** The script's key. */
  scriptKey: string;
  callback: Callback<Args>;
  /** Name in logs and in the ledger. Default: the function's name. */
  name?: string;
  matchEvents?: MatchEvents | null;
  args?: Args;
  /** true (default): a failure stops the plugin at this event. false: it is recorded and the plugin goes on. */
  stopOnError?: boolean;
  /** Default: none, the first failure counts. */
  retry?: RetryPolicy;
  /** Longest time one call may take: milliseconds or a text such as "30s". Default: no limit. Past it the host is ended. */
  timeout?: number | string;
}

/** What `registerCallbacks(reg)` receives. */
export interface Registrar {
  /** The plugin's logger, named `plugin.<name>`. */
  readonly logger: PluginLogger;
  getLogger(): PluginLogger;
  /** Who is mailed about this plugin: true (default) = as configured, false = nobody, or addresses. */
  setEmails(...addresses: (string | boolean)[]): void;
  /** In a cluster: only hosts with this label run the plugin. `cluster.runsOn` of the configuration comes before it. */
  runsOn(label: string): void;
  registerCallback<Args>(options: CallbackOptions<Args>): void;
  registerCallback<Args>(
    scriptName: string,
    scriptKey: string,
    callback: Callback<Args>,
    matchEvents?: MatchEvents | null,
    args?: Args,
    stopOnError?: boolean,
  ): void;
}
