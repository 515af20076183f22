import { InvalidArgumentError } from "commander";
import { dateOf } from "./date.ts";

/** A reader for options and arguments that are an event's id. */
export function eventId(text: string): number {
  const id = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (id >= 1 && id <= Number.MAX_SAFE_INTEGER) return id;
  throw new InvalidArgumentError("It must be the id of an event, such as 18233411.");
}

/** A reader for options that name an event by its id, or by a time (ISO 8601 UTC then). */
export function idOrTime(text: string): { id: number } | { time: string } {
  if (/^\d+$/.test(text)) return { id: eventId(text) };
  const time = dateOf(text);
  if (time === null)
    throw new InvalidArgumentError("It must be an event id, or a date such as 2026-11-20T08:00:00Z.");
  return { time: time.toISOString() };
}
