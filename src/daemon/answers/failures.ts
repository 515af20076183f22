/** Failures, those of the same trouble together. */

import { fingerprint } from "../../fingerprint.ts";
import type { Journal, LaneFailure, RecordedGroup, SourceLines } from "../../journal/journal.ts";
import type { LaneStatus } from "../lane-status.ts";
import type { LoadProblem } from "../loading.ts";

export interface FailureGroup {
  fingerprint: string;
  plugin: string;
  lane: string;
  code: string;
  callback: string | null;
  /** Of the newest failure. */
  message: string;
  stack: string | null;
  source?: SourceLines;
  count: number;
  firstAt: string;
  lastAt: string;
  /** The plugin stands there now: at an event, or since it does not load. */
  open: boolean;
  /** The newest first, at most ten. */
  events: { eventId: number; at: string; open: boolean }[];
}

/** Groups of recorded failures that are told of; the oldest are left out. */
const MOST_GROUPS = 500;
const EVENTS_A_GROUP = 10;

/** Open ones first, then by the newest failure. */
export async function groupFailures(journal: Journal, lanes: readonly LaneStatus[]): Promise<FailureGroup[]> {
  const recorded = await journal.failureGroups(MOST_GROUPS);
  const groups = new Map(recorded.map((group) => [group.fingerprint, recordedGroup(group)]));
  for (const lane of lanes) {
    for (const failure of openOf(lane)) {
      const print = fingerprint(lane.id, failure);
      const known = groups.get(print);
      if (known) extend(known, failure);
      else groups.set(print, openGroup(print, lane, failure));
    }
  }
  return [...groups.values()].sort(
    (a, b) => Number(b.open) - Number(a.open) || (a.lastAt < b.lastAt ? 1 : -1),
  );
}

/** Where the lane stands now. */
function openOf({ failure, ...lane }: LaneStatus): LaneFailure[] {
  const loadError = lane.loadError?.code === "PLUGIN_NO_REGISTER" ? null : lane.loadError;
  return [...(failure ? [failure] : []), ...(loadError ? [asFailure(loadError, lane)] : [])];
}

function recordedGroup({
  lane,
  name,
  fingerprint: print,
  count,
  firstAt,
  newest,
}: RecordedGroup): FailureGroup {
  const { code, callback, message, stack, source, at: lastAt } = newest[0]!;
  const events = newest
    .filter(({ eventId }) => eventId !== 0)
    .map(({ eventId, at }) => ({ eventId, at, open: false }));
  const what = {
    code,
    callback,
    message,
    stack,
    ...(source && { source }),
    count,
    firstAt,
    lastAt,
    open: false,
    events,
  };
  return { fingerprint: print, plugin: name, lane, ...what };
}

function openGroup(print: string, { id, name }: LaneStatus, failure: LaneFailure): FailureGroup {
  const { code, callback, message, stack, source, at } = failure;
  const what = {
    code,
    callback,
    message,
    stack,
    ...(source && { source }),
    count: 1,
    firstAt: at,
    lastAt: at,
    open: true,
  };
  return { fingerprint: print, plugin: name, lane: id, ...what, events: eventsOf(failure) };
}

/** With a failure that is open. */
function extend(group: FailureGroup, failure: LaneFailure): void {
  const { at, message, stack, source } = failure;
  group.count += 1;
  group.open = true;
  if (at < group.firstAt) group.firstAt = at;
  if (at >= group.lastAt) Object.assign(group, { lastAt: at, message, stack, ...(source && { source }) });
  group.events = [...eventsOf(failure), ...group.events].slice(0, EVENTS_A_GROUP);
}

function eventsOf({ eventId, at }: LaneFailure): FailureGroup["events"] {
  return eventId === 0 ? [] : [{ eventId, at, open: true }];
}

function asFailure(
  { code, message, stack }: LoadProblem,
  { doneSeq, since }: Pick<LaneStatus, "doneSeq" | "since">,
): LaneFailure {
  return { seq: doneSeq, eventId: 0, callback: null, code, message, stack, attempts: 1, at: since };
}
