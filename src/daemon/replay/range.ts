/** From what people say (from this event or time to that) to a range of event ids. */
import { CallsheetError } from "../../errors.ts";
import type { IdRange, Journal } from "../../journal/journal.ts";
import { eventsOf } from "../answers/events.ts";
import { type Aim, placeOf } from "../place.ts";
import type { SiteLog } from "../site-log.ts";

/** An event by its id, or the first of a time or later. */
export type Place = Exclude<Aim, "end">;

export interface ReplayRange {
  /** The first event. */
  from: Place;
  /** The last event; by time, the last one before it. Default: the newest that was read. */
  to?: Place | undefined;
}

export interface RangeParts {
  journal: Journal;
  site: Pick<SiteLog, "lowestId">;
}

/** @throws CallsheetError NOT_POSSIBLE_NOW when there can be no event in it; SITE_* */
export async function idsOfRange(
  parts: RangeParts,
  { from, to }: ReplayRange,
  signal: AbortSignal,
): Promise<IdRange> {
  const state = await parts.journal.readerState();
  if (!state || state.position === 0)
    throw new CallsheetError("NOT_POSSIBLE_NOW", "Nothing has been read from the site yet.", {
      hint: "Try again once events flow: callsheet status",
    });
  const newest = state.position;
  const idOf = async (place: Place) =>
    "eventId" in place ? place.eventId : ((await idAtTime(parts, place.time, signal)) ?? newest + 1);
  const first = await idOf(from);
  const upTo = to === undefined ? newest : "eventId" in to ? to.eventId : (await idOf(to)) - 1;
  const last = Math.min(upTo, newest);
  if (first <= last) return { first, last };
  const message =
    first > newest
      ? `The newest event that was read is ${newest}: there is none after it to replay.`
      : `There is no event to replay: the range would begin with event ${first} and end with ${last}.`;
  throw new CallsheetError("NOT_POSSIBLE_NOW", message);
}

/** The first event of this time or later; null when there is none. Only what the journal does not reach is asked of the site. */
async function idAtTime(
  { journal, site }: RangeParts,
  time: Date,
  signal: AbortSignal,
): Promise<number | null> {
  const at = async (seq: number) => eventsOf(await journal.read(seq, 1))[0]?.event ?? null;
  const earliest = await at(journal.head.firstSeq - 1);
  if (!earliest || time.getTime() < Date.parse(earliest.created_at)) return site.lowestId(time, signal);
  return (await at(await placeOf(journal, { time })))?.id ?? null;
}
