/** A log line as the Python daemon writes it, for a studio's tools that read such files. */
import { type LogRecord, printable } from "./pretty.ts";
import { ENGINE, oldWords, sentence } from "./python-words.ts";

const LEVELS: Record<LogRecord["level"], string> = {
  debug: "DEBUG",
  info: "INFO",
  warn: "WARNING",
  error: "ERROR",
  critical: "CRITICAL",
};

/** `2026-11-23 14:02:11,083 - plugin.notify - INFO - task 12 is now fin`, in local time. */
export function pythonFileLine(record: LogRecord): string {
  const { name, level, text } = partsOf(record);
  return `${asctime(new Date(record.time))} - ${name} - ${level} - ${text}\n`;
}

/** `INFO:plugin.notify:task 12 is now fin`, as in the foreground. */
export function pythonTerminalLine(record: LogRecord): string {
  const { name, level, text } = partsOf(record);
  return `${level}:${name}:${printable(text)}\n`;
}

function partsOf(record: LogRecord) {
  const words = oldWords(record);
  return {
    name: words?.logger ?? nameOf(record),
    level: LEVELS[words?.level ?? record.level],
    text: words?.text ?? textOf(record),
  };
}

/** Whose file the line stands in; null: the engine's. */
export function pythonFileOf(record: LogRecord): string | null {
  const { plugin } = record;
  return typeof plugin === "string" && oldWords(record)?.logger !== ENGINE ? plugin : null;
}

/** There is one engine there, which all that is not a plugin's belongs to. */
function nameOf({ logger, plugin }: LogRecord): string {
  if (logger === "timing" || logger.startsWith("plugin.")) return logger;
  return typeof plugin === "string" ? `plugin.${plugin}` : ENGINE;
}

function textOf(record: LogRecord): string {
  if (record.kind === "call") return callText(record as unknown as CallRecord);
  const stack = typeof record.stack === "string" ? `\n\n${record.stack}` : "";
  return sentence(record) + stack;
}

interface CallRecord {
  plugin: string;
  callback: string;
  event_id: number;
  /** ISO 8601 UTC, as are the next two. */
  created_at: string;
  started_at: string;
  ended_at: string;
  failed: boolean;
}

function callText(call: CallRecord): string {
  const [created, start, end] = [call.created_at, call.started_at, call.ended_at].map(
    (at) => new Date(at),
  ) as [Date, Date, Date];
  const parts = {
    event_id: call.event_id,
    created_at: isoLocal(created, false),
    callback: `${call.plugin}.${call.callback}`,
    start: isoLocal(start, true),
    end: isoLocal(end, true),
    duration: span(end.getTime() - start.getTime()),
    error: call.failed ? "True" : "False",
    delay: span(start.getTime() - created.getTime()),
  };
  return Object.entries(parts)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

function asctime(at: Date): string {
  return `${dayOf(at)} ${clockOf(at)},${digits(at.getMilliseconds(), 3)}`;
}

/** `2026-11-23T14:02:11.083000+01:00`; the site's times have whole seconds, and no fraction. */
function isoLocal(at: Date, fraction: boolean): string {
  const offset = -at.getTimezoneOffset();
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const zone = `${offset < 0 ? "-" : "+"}${digits(hours, 2)}:${digits(minutes, 2)}`;
  return `${dayOf(at)}T${clockOf(at)}${fraction ? `.${digits(at.getMilliseconds(), 3)}000` : ""}${zone}`;
}

/** Days, hours, minutes, seconds, microseconds; a span below zero counts down from the day before, as Python's do. */
function span(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const rest = ms - days * 86_400_000;
  const parts = [
    days,
    Math.floor(rest / 3_600_000),
    Math.floor(rest / 60_000) % 60,
    Math.floor(rest / 1000) % 60,
  ];
  return `${parts.map((part) => digits(part, 2)).join(":")}.${digits(Math.floor(rest % 1000), 3)}000`;
}

export function dayOf(at: Date): string {
  return `${digits(at.getFullYear(), 4)}-${digits(at.getMonth() + 1, 2)}-${digits(at.getDate(), 2)}`;
}

function clockOf(at: Date): string {
  return [at.getHours(), at.getMinutes(), at.getSeconds()].map((part) => digits(part, 2)).join(":");
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}
