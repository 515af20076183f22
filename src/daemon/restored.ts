/**
 * Noticing a site that was restored from a backup: its event log goes back, and ids that were used before are given
 * out again to other events. Each question includes the newest event known (the anchor); when it is not
 * there as it was, this file finds the last event that site and journal have in common.
 */
import type { WireEvent } from "../event.ts";
import type { Journal, ReaderState } from "../journal/journal.ts";
import type { SiteLog } from "./site-log.ts";

export type TurningPoint =
  /** The anchor is there after all. */
  | { kind: "intact" }
  /** The site shows no event up to the anchor any more. */
  | { kind: "emptied" }
  | { kind: "went_back"; lastCommonId: number };

const PAGE = 500;

/** @throws CallsheetError SITE_*, STATE_* */
export async function turningPoint(
  known: { site: SiteLog; journal: Journal; state: ReaderState; anchor: WireEvent },
  signal: AbortSignal,
): Promise<TurningPoint> {
  const { site, journal, state, anchor } = known;
  let below = state.position;
  let newestOnSite: number | null = null;
  for (;;) {
    const theirs = await site.readBack(below, PAGE, signal);
    newestOnSite ??= theirs[0]?.id ?? null;
    if (newestOnSite === null) return { kind: "emptied" };
    if (theirs[0] && isSameEvent(theirs[0], anchor)) return { kind: "intact" };
    // the journal does not reach this far back: what it no longer knows was there before the backup
    const lastId = theirs.at(-1)?.id ?? 0;
    const ours = await journaled(journal, state.generation, below, lastId);
    if (ours.size === 0) return { kind: "went_back", lastCommonId: Math.min(below, newestOnSite) };
    const common = theirs.find((event) => {
      const own = ours.get(event.id);
      return own !== undefined && isSameEvent(own, event);
    });
    if (common) return { kind: "went_back", lastCommonId: common.id };
    if (theirs.length < PAGE) return { kind: "went_back", lastCommonId: Math.max(0, lastId - 1) };
    below = lastId - 1;
  }
}

/** The journal's events from `lastId` to `maxId`, by id. */
async function journaled(
  journal: Journal,
  generation: number,
  maxId: number,
  lastId: number,
): Promise<Map<number, WireEvent>> {
  const found = new Map<number, WireEvent>();
  let below = maxId;
  for (;;) {
    const page = await journal.newestById(generation, below, PAGE);
    for (const { id, event } of page) if (id >= lastId) found.set(id, event);
    const lowest = page.at(-1)?.id;
    if (lowest === undefined || page.length < PAGE || lowest <= lastId) return found;
    below = lowest - 1;
  }
}

/** By what a site never changes of an event: names of links are looked up at reading time, so they do not count. */
export function isSameEvent(a: WireEvent, b: WireEvent): boolean {
  return (
    a.id === b.id &&
    a.event_type === b.event_type &&
    a.attribute_name === b.attribute_name &&
    a.created_at === b.created_at &&
    a.session_uuid === b.session_uuid &&
    (a.user?.id ?? null) === (b.user?.id ?? null) &&
    a.meta?.entity_type === b.meta?.entity_type &&
    a.meta?.entity_id === b.meta?.entity_id
  );
}
