/** A log line for people: time, level, name and message in columns, fields dimmed behind, the stack indented below. */
import { inspect, stripVTControlCharacters, styleText } from "node:util";
import type { LogLevel } from "../plugin.ts";

/** A line as pino writes it. */
export interface LogRecord {
  time: string;
  level: LogLevel;
  logger: string;
  message: string;
  [field: string]: unknown;
}

type Style = Parameters<typeof styleText>[0];

const LEVEL_STYLES: Record<LogLevel, Style> = {
  debug: "dim",
  info: "green",
  warn: "yellow",
  error: "red",
  critical: ["bold", "inverse", "red"],
};
/** Fields that stand elsewhere in the line, or that the message says. */
const PLACED = new Set(["time", "level", "logger", "message", "stack", "kind", "file"]);
/** The column of names grows with the names seen, up to this width. */
const WIDEST_NAME = 32;

/** One printer an outlet: it remembers how wide its column of names is. */
export function prettyPrinter({
  color,
  date,
}: {
  color: boolean;
  date: boolean;
}): (record: LogRecord) => string {
  const style = (format: Style, text: string) =>
    color && text !== "" ? styleText(format, text, { validateStream: false }) : text;
  let nameWidth = 16;

  return (record) => {
    nameWidth = Math.min(WIDEST_NAME, Math.max(nameWidth, record.logger.length));
    const time = localTime(record.time, date);
    const head = [
      style("dim", time),
      style(LEVEL_STYLES[record.level], record.level.toUpperCase().padEnd(8)),
      style("cyan", printable(record.logger).padEnd(nameWidth)),
    ].join(" ");
    const indent = " ".repeat(time.length + 10);
    const [first = "", ...more] = printable(record.message).split("\n");
    const strong = record.level === "error" || record.level === "critical";
    const lines = [`${head} ${strong ? style("bold", first) : first}${style("dim", fieldsOf(record))}`];
    for (const line of more) lines.push(indent + line);
    if (typeof record.stack === "string") {
      for (const line of printable(record.stack).split("\n")) lines.push(style("dim", indent + line));
    }
    return `${lines.join("\n")}\n`;
  };
}

function fieldsOf(record: LogRecord): string {
  let text = "";
  for (const [key, value] of Object.entries(record)) {
    if (PLACED.has(key) || value === undefined || saidByName(key, value, record.logger)) continue;
    const shown =
      typeof value === "string" && /^[^\s"=]+$/.test(value)
        ? value
        : inspect(value, { breakLength: Infinity });
    text += `  ${key === "event_id" ? "event" : printable(key)}=${printable(shown)}`;
  }
  return text;
}

/** The name `plugin.notify.onStatus` says plugin and callback already. */
function saidByName(key: string, value: unknown, logger: string): boolean {
  if (key === "plugin") return logger === `plugin.${value}` || logger.startsWith(`plugin.${value}.`);
  return key === "callback" && logger.endsWith(`.${value}`);
}

/** Event data comes from people: it must not be able to steer the terminal. */
export function printable(text: string): string {
  return stripVTControlCharacters(text).replace(/[^\P{Cc}\n\t]/gu, "");
}

function localTime(iso: string, date: boolean): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, "0");
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, "0")}`;
  return date ? `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}` : clock;
}
