/** The site's event log as the reader asks for it. */
import { EVENT_FIELDS, type WireEvent } from "../event.ts";

export interface SiteLog {
  /**
   * Visible events with id > `after` or in one of `ranges`, by ascending id, at most `limit`.
   * One request. Rejects with a CallsheetError (SITE_*).
   */
  read(question: Question, signal: AbortSignal): Promise<WireEvent[]>;
  /** Up to `limit` events with id ≤ `maxId`, by descending id. */
  readBack(maxId: number, limit: number, signal: AbortSignal): Promise<WireEvent[]>;
  /** Lowest visible id, optionally among the events created at or after a time; null when there is none. */
  lowestId(createdFrom: Date | null, signal: AbortSignal): Promise<number | null>;
}

export interface Question {
  after: number;
  ranges: readonly { first: number; last: number }[];
  limit: number;
}

/** What of the client is used here. */
export interface FindsEvents {
  find(
    entityType: string,
    filters: unknown[],
    fields: string[],
    options: {
      order: { field_name: string; direction: "asc" | "desc" }[];
      limit: number;
      filterOperator?: "any";
      signal: AbortSignal;
    },
  ): Promise<unknown[]>;
}

/** @param site a client that leaves dates as the wire text */
export function siteLog(site: FindsEvents): SiteLog {
  const find = async (filters: unknown[], direction: "asc" | "desc", limit: number, signal: AbortSignal) =>
    (await site.find("EventLogEntry", filters, [...EVENT_FIELDS], {
      order: [{ field_name: "id", direction }],
      limit,
      ...(filters.length > 1 ? { filterOperator: "any" as const } : {}),
      signal,
    })) as WireEvent[];
  return {
    read: ({ after, ranges, limit }, signal) =>
      find([["id", "greater_than", after], ...rangeFilters(ranges)], "asc", limit, signal),
    readBack: (maxId, limit, signal) => find([["id", "less_than", maxId + 1]], "desc", limit, signal),
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

/** Single ids go into one `in` list, real ranges are asked for with `between`. */
function rangeFilters(ranges: readonly { first: number; last: number }[]): unknown[] {
  const singles = ranges.filter(({ first, last }) => first === last).map(({ first }) => first);
  const filters: unknown[] = ranges
    .filter(({ first, last }) => first < last)
    .map(({ first, last }) => ["id", "between", first, last]);
  if (singles.length > 0) filters.push(["id", "in", singles]);
  return filters;
}

function wireTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
