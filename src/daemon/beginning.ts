/** Where the very first start begins. */
import { CallsheetError } from "../errors.ts";
import type { Gap, ReaderState } from "../journal/journal.ts";
import type { SiteLog } from "./site-log.ts";

/** How many of the newest events are looked through for ids that are still on their way. */
const LOOK_BACK = 500;

/**
 * The reader's first state. At "latest", the ids that are missing among the newest events are taken as gaps: their
 * transactions may be committing at this very moment.
 * @throws CallsheetError SITE_* when the site cannot be asked, CONFIG_INVALID for a date that is none
 */
export async function beginning(
  site: SiteLog,
  start: "latest" | "earliest" | number | string,
  signal: AbortSignal,
): Promise<ReaderState> {
  if (start === "latest") return latest(site, signal);
  if (typeof start === "number") return { position: Math.max(0, start - 1), gaps: [], generation: 1 };
  const from = start === "earliest" ? null : dateOf(start);
  const lowest = await site.lowestId(from, signal);
  if (lowest === null) return latest(site, signal);
  return { position: lowest - 1, gaps: [], generation: 1 };
}

async function latest(site: SiteLog, signal: AbortSignal): Promise<ReaderState> {
  const newest = await site.readBack(Number.MAX_SAFE_INTEGER - 1, LOOK_BACK, signal);
  const ids = newest.map(({ id }) => id).reverse();
  // the whole log is in view: what is missing below its first event counts too
  if (ids.length > 0 && ids.length < LOOK_BACK) ids.unshift(0);
  const gaps: Gap[] = [];
  for (let i = 1; i < ids.length; i += 1) {
    const first = ids[i - 1]! + 1;
    const last = ids[i]! - 1;
    if (first <= last) gaps.push({ first, last, waitedMs: 0 });
  }
  return { position: ids.at(-1) ?? 0, gaps, generation: 1 };
}

function dateOf(start: string): Date {
  const date = new Date(start);
  if (Number.isNaN(date.getTime())) {
    throw new CallsheetError("CONFIG_INVALID", `start is ${JSON.stringify(start)}, which is not a date.`, {
      hint: 'Use "latest", "earliest", an event id, or a date such as "2026-11-01T08:00:00Z".',
    });
  }
  return date;
}
