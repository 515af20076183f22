/** The log as the rest of the program sees it; `open.ts` makes one that writes to the terminal, a pipe or files. */
import type { LogLevel } from "../plugin.ts";

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  critical(message: string, fields?: LogFields): void;
  at(level: LogLevel, message: string, fields?: LogFields): void;
  /** A log whose lines carry this name (`reader`, `plugin.notify`, `plugin.notify.onStatus`). */
  named(name: string): Log;
}

export interface LogFields {
  plugin?: string;
  callback?: string;
  event_id?: number;
  code?: string;
  /** Printed below the line on a terminal, a field in JSON. */
  stack?: string;
  [field: string]: unknown;
}
