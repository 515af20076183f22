/**
 * The proof of delivery: the event ids that the site has in a range, held against the journal and, for each plugin, against the
 * ledger. It asks the site anew, page by page, and believes nothing that the reader remembers.
 */
import { setImmediate as turn } from "node:timers/promises";
import type { WireEvent } from "../event.ts";
import type { Journal, Outcome } from "../journal/journal.ts";
import { type Aim, placeOf } from "./place.ts";
import { isSameEvent } from "./restored.ts";
import type { SiteLog } from "./site-log.ts";

export interface AuditParts {
  site: Pick<SiteLog, "read" | "readBack">;
  journal: Journal;
}

export interface AuditRange {
  /** Default: as far back as the journal reaches. */
  since?: Aim | undefined;
  /** Last event id. Default: the newest that was read. */
  until?: number | undefined;
}

export interface Difference {
  eventId: number;
  /**
   * missing: the site has it, the journal does not. never_happened: the site has it, though it was given up. another: the journal
   * has a different event of that id. dropped: removed before the plugin had it.
   */
  kind: "missing" | "never_happened" | "another" | "dropped";
  /** null: it concerns all. */
  plugin: string | null;
}

export interface AuditReport {
  /** First and last event id that were compared; null when there was none. */
  first: number | null;
  last: number | null;
  /** Events that the site has in the range. */
  events: number;
  /** Of those, the ones that are not read yet, but are being waited for. */
  onTheWay: number;
  /** Events of the journal that the site does not show any more. */
  goneFromSite: number;
  differences: number;
  /** The first thousand. */
  list: Difference[];
  plugins: { plugin: string; lane: string; outcomes: Partial<Record<Outcome, number>> }[];
  /** What the reader should know, in sentences. */
  notes: string[];
}

const PAGE = 500;
/** Events whose outcomes are looked up between two turns of the event loop. */
const STEP = 50;
const MOST_LISTED = 1000;

/** @param progress told after each page, with the last id compared */
export async function audit(
  { site, journal }: AuditParts,
  { since, until }: AuditRange,
  signal: AbortSignal,
  progress: (events: number, lastId: number) => void = () => {},
): Promise<AuditReport> {
  const report = emptyReport();
  const state = await journal.readerState();
  const start = await firstId(journal, since, report);
  if (!state || start === null) {
    report.notes.push("The journal is empty: there is nothing to compare.");
    return report;
  }
  const end = Math.min(until ?? state.position, state.position);
  if (start > end) {
    report.notes.push(
      `Nothing was compared: no event of that range is read yet, the newest is ${state.position}.`,
    );
    return report;
  }
  const waited = (id: number) => state.gaps.some(({ first, last }) => first <= id && id <= last);
  report.first = start;
  report.last = end;
  for (let after = start - 1; after < end; ) {
    signal.throwIfAborted();
    const page = await site.read({ after, ranges: [], limit: PAGE }, signal);
    const theirs = page.filter(({ id }) => id <= end);
    const upTo = page.length < PAGE ? end : Math.min(end, page.at(-1)!.id);
    await compare(journal, report, { theirs, after, upTo, generation: state.generation, waited });
    progress(report.events, upTo);
    after = upTo;
  }
  return report;
}

interface Part {
  theirs: readonly WireEvent[];
  /** Ids of this part: beyond `after`, up to `upTo`. */
  after: number;
  upTo: number;
  generation: number;
  waited(id: number): boolean;
}

async function compare(journal: Journal, report: AuditReport, part: Part): Promise<void> {
  const ours = await journaled(journal, part);
  const ids = new Set(part.theirs.map(({ id }) => id));
  report.events += ids.size;
  report.goneFromSite += [...ours.keys()].filter((id) => !ids.has(id)).length;
  const there: number[] = [];
  for (const event of part.theirs) {
    const own = ours.get(event.id) ?? (await journal.find(event.id))?.event;
    if (own && isSameEvent(own, event)) there.push(event.id);
    else if (own) differs(report, { eventId: event.id, kind: "another", plugin: null });
    else if (part.waited(event.id)) report.onTheWay += 1;
    else {
      const kind = (await journal.neverHappened(event.id)) ? "never_happened" : "missing";
      differs(report, { eventId: event.id, kind, plugin: null });
    }
  }
  for (let at = 0; at < there.length; at += STEP) {
    await countOutcomes(journal, report, there.slice(at, at + STEP));
    await turn();
  }
}

/** Of the newest generation; older ones are looked up singly. */
async function journaled(
  journal: Journal,
  { after, upTo, generation }: Part,
): Promise<Map<number, WireEvent>> {
  const found = new Map<number, WireEvent>();
  for (let below = upTo; below > after; ) {
    const page = await journal.newestById(generation, below, PAGE);
    for (const { id, event } of page) if (id > after) found.set(id, event);
    const lowest = page.at(-1)?.id;
    if (lowest === undefined || page.length < PAGE) break;
    below = lowest - 1;
  }
  return found;
}

async function countOutcomes(journal: Journal, report: AuditReport, ids: readonly number[]): Promise<void> {
  for (const [eventId, answers] of await journal.ledgers(ids)) {
    for (const { lane, name, outcome } of answers) {
      let plugin = report.plugins.find((each) => each.lane === lane);
      if (!plugin) {
        plugin = { plugin: name, lane, outcomes: {} };
        report.plugins.push(plugin);
      }
      plugin.outcomes[outcome] = (plugin.outcomes[outcome] ?? 0) + 1;
      if (outcome === "dropped") differs(report, { eventId, kind: "dropped", plugin: name });
    }
  }
}

/** The first id to compare, beyond all that were read when `since` is; null when the journal has no event. */
async function firstId(
  journal: Journal,
  since: Aim | undefined,
  report: AuditReport,
): Promise<number | null> {
  const idAfter = async (seq: number) => (await journal.read(seq, 1)).entries[0]?.id ?? null;
  const earliest = await idAfter(journal.head.firstSeq - 1);
  if (earliest === null || since === undefined) return earliest;
  if (typeof since === "object" && "eventId" in since) {
    if (since.eventId < earliest)
      report.notes.push(`The journal reaches back to event ${earliest}: earlier ones cannot be compared.`);
    return Math.max(since.eventId, earliest);
  }
  return (await idAfter(await placeOf(journal, since))) ?? Number.MAX_SAFE_INTEGER;
}

function differs(report: AuditReport, difference: Difference): void {
  report.differences += 1;
  if (report.list.length < MOST_LISTED) report.list.push(difference);
}

function emptyReport(): AuditReport {
  return {
    first: null,
    last: null,
    events: 0,
    onTheWay: 0,
    goneFromSite: 0,
    differences: 0,
    list: [],
    plugins: [],
    notes: [],
  };
}
