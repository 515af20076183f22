import { wholeNumber } from "../whole-number.ts";

/** A reader for options and arguments that are an event's id. */
export const eventId = wholeNumber(Number.MAX_SAFE_INTEGER);
