/** What plugin authors and configuration files import. Every name is listed; nothing inside `src` imports this file. */
export type { ConfigInput } from "./config.ts";
export { defineConfig } from "./config.ts";
export type { ErrorCode } from "./errors.ts";
export { CallsheetError, ERROR_CODES, RetryAfter, SkipEvent, StopPlugin } from "./errors.ts";
export type { EntityLink, Event, EventMeta, ReplayMark } from "./event.ts";
export type {
  Callback,
  CallbackOptions,
  LogLevel,
  MatchEvents,
  PluginLogger,
  Registrar,
  RetryPolicy,
} from "./plugin.ts";
