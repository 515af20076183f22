/** Failures, those of the same trouble together. */
import type { Journal, LaneFailure } from "../../journal/journal.ts";
import { fingerprint } from "../fingerprint.ts";
import type { LaneStatus } from "../lane-status.ts";

export interface FailureGroup {
  fingerprint: string;
  plugin: string;
  lane: string;
  code: string;
  callback: string | null;
  /** Of the newest failure. */
  message: string;
  stack: string | null;
  count: number;
  firstAt: string;
  lastAt: string;
  /** The plugin stands there now: at an event, or since it does not load. */
  open: boolean;
  /** The newest first, at most ten. */
  events: { eventId: number; at: string; open: boolean }[];
}

/** Recorded failures looked at. */
const MOST_RECORDED = 2000;
const EVENTS_A_GROUP = 10;

/** Open ones first, then by the newest failure. */
export async function groupFailures(journal: Journal, lanes: readonly LaneStatus[]): Promise<FailureGroup[]> {
  const groups = new Map<string, FailureGroup>();
  const add = (of: { id: string; name: string }, failure: LaneFailure, open: boolean) => {
    const print = fingerprint(of.id, failure);
    const known = groups.get(print);
    if (known) extend(known, failure, open);
    else groups.set(print, newGroup(print, of, failure, open));
  };
  for (const lane of lanes) {
    if (lane.failure) add(lane, lane.failure, true);
    if (lane.loadError && lane.loadError.code !== "PLUGIN_NO_REGISTER") add(lane, asFailure(lane), true);
  }
  const recorded = await journal.recorded(MOST_RECORDED);
  for (const { lane: id, name, kind, failure } of recorded)
    if (kind === "failed") add({ id, name }, failure, false);
  return [...groups.values()].sort(
    (a, b) => Number(b.open) - Number(a.open) || (a.lastAt < b.lastAt ? 1 : -1),
  );
}

function newGroup(
  print: string,
  { id, name }: { id: string; name: string },
  failure: LaneFailure,
  open: boolean,
): FailureGroup {
  const { code, callback, message, stack, at, eventId } = failure;
  const events = eventId === 0 ? [] : [{ eventId, at, open }];
  const what = { code, callback, message, stack, count: 1, firstAt: at, lastAt: at, open, events };
  return { fingerprint: print, plugin: name, lane: id, ...what };
}

function extend(group: FailureGroup, { eventId, at, message, stack }: LaneFailure, open: boolean): void {
  group.count += 1;
  group.open ||= open;
  if (at < group.firstAt) group.firstAt = at;
  if (at > group.lastAt) Object.assign(group, { lastAt: at, message, stack });
  if (eventId !== 0 && group.events.length < EVENTS_A_GROUP) group.events.push({ eventId, at, open });
}

function asFailure({ loadError, doneSeq, since }: LaneStatus): LaneFailure {
  const { code, message, stack } = loadError!;
  return { seq: doneSeq, eventId: 0, callback: null, code, message, stack, attempts: 1, at: since };
}
