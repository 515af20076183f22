/** Lists of events, newest first, read from the journal. */
import type { WireEvent } from "../../event.ts";
import type { Journal, JournalPage, LedgerAnswer } from "../../journal/journal.ts";

export interface EventQuery {
  /** Only events that stand before this place in the journal. */
  before?: number | undefined;
  /** Only those after this place. */
  after?: number | undefined;
  /** At most this many. */
  limit: number;
  /** Event type, with `*` for any part: `Shotgun_Task_*`. */
  type?: string | undefined;
  /** `Shot`, or `Shot:42`. */
  entity?: string | undefined;
  /** Id or a part of the name. */
  project?: string | undefined;
  user?: string | undefined;
}

export interface ListedEvent {
  seq: number;
  event: WireEvent;
}

export interface EventList {
  events: ListedEvent[];
  /** Give it as `before` to go on; null when the journal ends there. */
  next: number | null;
}

const PAGE = 500;
/** Events looked through for one list: a filter that hardly anything passes must not hold up the daemon. */
const MOST_LOOKED_AT = 10_000;

export async function listEvents(journal: Journal, query: EventQuery): Promise<EventList> {
  const wanted = filterOf(query);
  const lowest = Math.max(journal.head.firstSeq - 1, query.after ?? 0);
  const found: ListedEvent[] = [];
  let end = Math.min(query.before ?? Number.POSITIVE_INFINITY, journal.head.lastSeq + 1);
  for (let looked = 0; end > lowest + 1 && looked < MOST_LOOKED_AT; ) {
    const from = Math.max(lowest, end - 1 - PAGE);
    const page = await pageBetween(journal, from, end);
    looked += end - 1 - from;
    for (const listed of page.toReversed()) {
      end = listed.seq;
      if (wanted(listed.event)) found.push(listed);
      if (found.length >= query.limit) return { events: found, next: end > lowest + 1 ? end : null };
    }
    end = from + 1;
  }
  return { events: found, next: end > lowest + 1 ? end : null };
}

/** Every event with `from` < seq < `end`. */
async function pageBetween(journal: Journal, from: number, end: number): Promise<ListedEvent[]> {
  const listed: ListedEvent[] = [];
  let after = from;
  while (after < end - 1) {
    const page = await journal.read(after, end - 1 - after);
    const events = eventsOf(page).filter(({ seq }) => seq < end);
    listed.push(...events);
    if (events.length === 0) break;
    after = events.at(-1)!.seq;
  }
  return listed;
}

export function eventsOf({ entries, bytes }: JournalPage): ListedEvent[] {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // numbers beyond 2^53 lose digits here, which only what is shown to people does
  return entries.map(({ seq, start, end }) => ({
    seq,
    event: JSON.parse(text.toString("utf8", start, end)) as WireEvent,
  }));
}

/** Answers what became of each listed event, for every lane. */
export function outcomesOf(
  journal: Journal,
  events: readonly ListedEvent[],
): Promise<Map<number, LedgerAnswer[]>> {
  return journal.ledgers(events.map(({ event }) => event.id));
}

export function filterOf({ type, entity, project, user }: EventQuery): (event: WireEvent) => boolean {
  const pattern = type === undefined ? null : globOf(type);
  const [entityType, entityId] = entity?.split(":") ?? [];
  return (event) =>
    (pattern === null || pattern.test(event.event_type)) &&
    (entityType === undefined || isEntity(event, entityType, entityId)) &&
    (project === undefined || isLink(event.project, project)) &&
    (user === undefined || isLink(event.user, user));
}

function globOf(text: string): RegExp {
  const parts = text.split("*").map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i");
}

/** Also by `meta`, which names the entity of events about one that is gone. */
function isEntity({ entity, meta }: WireEvent, type: string, id: string | undefined): boolean {
  const same = (otherType: unknown, otherId: unknown) =>
    String(otherType).toLowerCase() === type.toLowerCase() && (id === undefined || String(otherId) === id);
  return (entity !== null && same(entity.type, entity.id)) || same(meta?.entity_type, meta?.entity_id);
}

function isLink(link: WireEvent["user"], wanted: string): boolean {
  if (!link) return false;
  return String(link.id) === wanted || (link.name?.toLowerCase().includes(wanted.toLowerCase()) ?? false);
}
