/** The site's event log as the reader asks for it. */
import type { Filter } from "../client/filters.ts";
import type { Shotgun } from "../client/shotgun.ts";
import { EVENT_FIELDS, type WireEvent } from "../event.ts";
import { asWireEvent } from "./wire-event.ts";

export interface SiteLog {
  /**
   * Visible events with id > `after` (and ≤ `upTo`, if given) or in one of `ranges`, by ascending id, at most `limit`.
   * One request. Rejects with a CallsheetError (SITE_*).
   */
  read(question: Question, signal: AbortSignal): Promise<WireEvent[]>;
  /** Up to `limit` events with id ≤ `maxId`, by descending id. */
  readBack(maxId: number, limit: number, signal: AbortSignal): Promise<WireEvent[]>;
  /** Visible events of these ranges alone, by ascending id, at most `limit`. */
  within(ranges: Question["ranges"], limit: number, signal: AbortSignal): Promise<WireEvent[]>;
  /** Lowest visible id, optionally among the events created at or after a time; null when there is none. */
  lowestId(createdFrom: Date | null, signal: AbortSignal): Promise<number | null>;
}

export interface Question {
  after: number;
  /** Default: no limit. */
  upTo?: number;
  ranges: readonly { first: number; last: number }[];
  limit: number;
}

/** @param site a client that leaves dates as the wire text */
export function siteLog(site: Pick<Shotgun, "find">): SiteLog {
  const find = async (filters: Filter[], direction: "asc" | "desc", limit: number, signal: AbortSignal) => {
    const rows = await site.find("EventLogEntry", filters, [...EVENT_FIELDS], {
      order: [{ field_name: "id", direction }],
      limit,
      ...(filters.length > 1 ? { filterOperator: "any" as const } : {}),
      signal,
    });
    return inOrder(rows.map(asWireEvent), direction);
  };
  return {
    read: ({ after, upTo, ranges, limit }, signal) => {
      const onwards: Filter =
        upTo === undefined ? ["id", "greater_than", after] : ["id", "between", after + 1, upTo];
      return find([onwards, ...rangeFilters(ranges)], "asc", limit, signal);
    },
    readBack: (maxId, limit, signal) => find([["id", "less_than", maxId + 1]], "desc", limit, signal),
    within: (ranges, limit, signal) => find(rangeFilters(ranges), "asc", limit, signal),
    async lowestId(createdFrom, signal) {
      // "greater_than" excludes the very second that was asked for
      const filter = createdFrom
        ? ["created_at", "greater_than", wireTime(new Date(createdFrom.getTime() - 1000))]
        : ["id", "greater_than", 0];
      const [first] = await find([filter], "asc", 1, signal);
      return first?.id ?? null;
    },
  };
}

/** The site sorts; but everything after this relies on it, so a reply that does not keep to it is put right. */
function inOrder(events: WireEvent[], direction: "asc" | "desc"): WireEvent[] {
  const sign = direction === "asc" ? 1 : -1;
  if (events.every(({ id }, i) => i === 0 || (id - events[i - 1]!.id) * sign > 0)) return events;
  const byId = new Map(events.map((event) => [event.id, event]));
  return [...byId.values()].sort((a, b) => (a.id - b.id) * sign);
}

/** Single ids go into one `in` list, real ranges are asked for with `between`. */
function rangeFilters(ranges: readonly { first: number; last: number }[]): Filter[] {
  const singles = ranges.filter(({ first, last }) => first === last).map(({ first }) => first);
  const filters: Filter[] = ranges
    .filter(({ first, last }) => first < last)
    .map(({ first, last }) => ["id", "between", first, last]);
  if (singles.length > 0) filters.push(["id", "in", singles]);
  return filters;
}

function wireTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
