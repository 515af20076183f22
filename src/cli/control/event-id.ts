import { InvalidArgumentError } from "commander";
import { wholeNumber } from "../whole-number.ts";
import { dateOf } from "./date.ts";

/** A reader for options and arguments that are an event's id. */
export const eventId = wholeNumber(Number.MAX_SAFE_INTEGER);

/** A reader for options that name an event by its id, or by a time (ISO 8601 UTC then). */
export function idOrTime(text: string): { id: number } | { time: string } {
  if (/^\d+$/.test(text)) return { id: eventId(text) };
  const time = dateOf(text);
  if (time === null)
    throw new InvalidArgumentError("It must be an event id, or a date such as 2026-11-20T08:00:00Z.");
  return { time: time.toISOString() };
}
