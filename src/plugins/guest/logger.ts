import { format } from "node:util";
import type { LogLevel, PluginLogger } from "../../plugin.ts";

const LEVELS = ["debug", "info", "warn", "error", "critical"] as const satisfies LogLevel[];

/** Longest message that leaves the thread, in characters. */
const LONGEST_LINE = 100_000;

export type WriteLine = (logger: string, level: LogLevel, message: string) => void;

/** A logger of a plugin or of one of its callbacks; a child follows its parent's level until it gets its own. */
export class GuestLogger implements PluginLogger {
  readonly name: string;
  readonly #write: WriteLine;
  readonly #parent: GuestLogger | null;
  #level: number | null = null;

  constructor(name: string, write: WriteLine, from: LogLevel | GuestLogger) {
    this.name = name;
    this.#write = write;
    this.#parent = typeof from === "string" ? null : from;
    if (typeof from === "string") this.#level = LEVELS.indexOf(from);
  }

  debug(message: unknown, ...args: unknown[]): void {
    this.#log("debug", message, args);
  }

  info(message: unknown, ...args: unknown[]): void {
    this.#log("info", message, args);
  }

  warn(message: unknown, ...args: unknown[]): void {
    this.#log("warn", message, args);
  }

  warning(message: unknown, ...args: unknown[]): void {
    this.#log("warn", message, args);
  }

  error(message: unknown, ...args: unknown[]): void {
    this.#log("error", message, args);
  }

  critical(message: unknown, ...args: unknown[]): void {
    this.#log("critical", message, args);
  }

  setLevel(level: LogLevel): void {
    const number = LEVELS.indexOf(level);
    if (number === -1)
      throw new TypeError(
        `logger.setLevel: ${format("%o", level)} is not a level; use one of ${LEVELS.join(", ")}.`,
      );
    this.#level = number;
  }

  /** A line that was made elsewhere, such as a console's. */
  line(level: LogLevel, message: string): void {
    if (LEVELS.indexOf(level) < this.#threshold()) return;
    const more = message.length - LONGEST_LINE;
    this.#write(
      this.name,
      level,
      more <= 0 ? message : `${message.slice(0, LONGEST_LINE)}… (${more} more characters)`,
    );
  }

  #log(level: LogLevel, message: unknown, args: unknown[]): void {
    if (LEVELS.indexOf(level) < this.#threshold()) return;
    this.line(level, format(message, ...args));
  }

  #threshold(): number {
    if (this.#level !== null) return this.#level;
    return this.#parent ? this.#parent.#threshold() : 0;
  }
}
