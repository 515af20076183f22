/** The list of events on the page: always without a hole. What does not join on to what is shown takes its place. */
import type { ListedEvent, Update } from "./shapes.ts";

export interface Shown {
  events: ListedEvent[];
  /** The place before which the older ones stand; null: there are none. */
  next: number | null;
}

const MOST_SHOWN = 500;

/** @param fresh the newest events, as the daemon lists them */
export function withNewer(shown: Shown | null, fresh: Shown): Shown {
  if (!shown) return cut(fresh);
  if (fresh.events.length === 0) return shown;
  const newest = shown.events[0]?.seq ?? 0;
  const joins = fresh.next === null || fresh.next <= newest + 1;
  return cut(joins ? { events: merged(fresh.events, shown.events), next: shown.next } : fresh);
}

/** Those of a live update; it leaves out the older ones when there are too many. */
export function newestOf({ events }: Update): Shown {
  return { events: events.toReversed(), next: events[0]?.seq ?? null };
}

export function withOlder(shown: Shown, { events, next }: Shown): Shown {
  return { events: merged(shown.events, events), next };
}

export const hasRoom = ({ events }: Shown): boolean => events.length < MOST_SHOWN;

/** What only `others` tell of an event stays. */
function merged(some: readonly ListedEvent[], others: readonly ListedEvent[]): ListedEvent[] {
  const bySeq = new Map(others.map((event) => [event.seq, event]));
  for (const event of some) bySeq.set(event.seq, { ...bySeq.get(event.seq), ...event });
  return [...bySeq.values()].toSorted((a, b) => b.seq - a.seq);
}

/** What falls off the end is found again as older events. */
function cut({ events, next }: Shown): Shown {
  const kept = events.slice(0, MOST_SHOWN);
  return { events: kept, next: kept.length < events.length ? kept.at(-1)!.seq : next };
}
