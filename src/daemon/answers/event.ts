/** What became of one event: which plugins saw it, what each did, and why not. */
import type { WireEvent } from "../../event.ts";
import type { DoneBetween } from "../../journal/done-times.ts";
import type { Journal, LaneFailure, OperatorNote, Outcome } from "../../journal/journal.ts";
import { describeCallback } from "../describe-callback.ts";
import type { RecentCall } from "../happenings.ts";
import type { LaneStatus } from "../lane-status.ts";
import { wants } from "../matching.ts";

export interface EventAnswer {
  /** The event, or null when the journal does not hold it (any more). */
  event: WireEvent | null;
  /** Its place in the journal. */
  seq: number | null;
  /** Counts restorations of the site: an id is unique within one. */
  generation: number | null;
  /** One sentence when there is no event. */
  note: string | null;
  plugins: PluginAnswer[];
}

export interface PluginAnswer {
  plugin: string;
  lane: string;
  outcome: Outcome;
  /** One sentence for people. */
  why: string;
  /** When its callbacks had finished it; null unless delivered. */
  delivered: Delivered | null;
  failures: LaneFailure[];
  operator: OperatorNote | null;
  /** The callbacks that want such an event, as registered now. */
  callbacks: string[];
}

/** ISO 8601 UTC. */
export interface Delivered {
  /** Not before this moment. */
  after: string | null;
  /** And not after this one; the same where it is known exactly. */
  before: string | null;
  /** Milliseconds spent in its callbacks; null when that is not known any more. */
  ms: number | null;
}

export interface Asked {
  journal: Journal;
  lanes: readonly LaneStatus[];
  /** Calls of a lane for an event, as far as they are still known. */
  callsFor(lane: string, seq: number): RecentCall[];
}

export async function answerEvent({ journal, lanes, callsFor }: Asked, id: number): Promise<EventAnswer> {
  const found = await journal.find(id);
  const answers = await journal.ledger(id);
  const times = found && answers.some(isDelivered) ? await journal.whenDone(found) : null;
  const byId = new Map(lanes.map((lane) => [lane.id, lane]));
  return {
    event: found?.event ?? null,
    seq: found?.seq ?? null,
    generation: found?.generation ?? null,
    note: found ? null : await whyAbsent(journal, id),
    plugins: answers.map(({ lane: laneId, name, outcome, failures, operator }) => {
      const lane = byId.get(laneId) ?? null;
      const callbacks = found && lane ? wanting(lane, found.event) : [];
      const why = sentence({ outcome, failures, operator, lane, found, callbacks });
      const between = isDelivered({ outcome }) ? times?.get(laneId) : undefined;
      const delivered = between ? whenDelivered(between, callbacks, callsFor(laneId, found!.seq)) : null;
      return { plugin: name, lane: laneId, outcome, why, delivered, failures, operator, callbacks };
    }),
  };
}

function isDelivered({ outcome }: Pick<PluginAnswer, "outcome">): boolean {
  return outcome === "delivered";
}

function whenDelivered(
  { after, before }: DoneBetween,
  callbacks: readonly string[],
  calls: readonly RecentCall[],
): Delivered {
  const called = new Set(calls.map(({ callback }) => callback));
  const last = calls.at(-1);
  // the first of its calls may be forgotten already
  if (last && callbacks.length > 0 && callbacks.every((key) => called.has(key)))
    return { after: last.at, before: last.at, ms: calls.reduce((sum, { ms }) => sum + ms, 0) };
  return { after: iso(after), before: iso(before), ms: null };
}

function iso(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

async function whyAbsent(journal: Journal, id: number): Promise<string> {
  if (await journal.neverHappened(id)) return "Waited for and never seen: this id never happened.";
  const state = await journal.readerState();
  if (!state) return "Nothing has been read from the site yet.";
  if (id > state.position) return `Not read yet: the newest event known is ${state.position}.`;
  if (state.gaps.some(({ first, last }) => first <= id && id <= last))
    return "Not visible on the site yet; it is being waited for.";
  return "Not in the journal: from before the first start, or removed by retention.";
}

function wanting({ callbacks, language }: LaneStatus, { event_type, attribute_name }: WireEvent): string[] {
  return callbacks
    .filter(({ matchEvents }) => wants(matchEvents, event_type, attribute_name, language))
    .map(({ key }) => key);
}

interface Known extends Pick<PluginAnswer, "outcome" | "failures" | "operator" | "callbacks"> {
  lane: LaneStatus | null;
  found: { seq: number; event: WireEvent } | null;
}

function sentence(known: Known): string {
  const { outcome, failures, operator } = known;
  const failure = failures.at(-1);
  switch (outcome) {
    case "delivered":
      return "Its callbacks have finished it.";
    case "filtered":
      return whyFiltered(known);
    case "failed":
      return failure ? `${failure.callback ?? "The host"} failed: ${failure.message}` : "It failed.";
    case "skipped":
      if (operator) return `Skipped by ${operator.by}${operator.why ? `: ${operator.why}` : ""}.`;
      return failure ? `The plugin skipped it: ${failure.message}` : "The plugin skipped it.";
    case "waiting":
      return whyWaiting(known);
    case "never_happened":
      return "The id never happened.";
    case "dropped":
      return "Removed from the journal before the plugin had it.";
    case "before_start":
      return "The plugin began after it.";
    case "had_before":
      return "The daemon before this one gave it to the plugin.";
  }
}

function whyFiltered({ lane, found, callbacks }: Known): string {
  const event = found?.event;
  if (!lane || !event || lane.callbacks.length === 0) return "No callback wanted it.";
  if (callbacks.length > 0) return "No callback wanted it at the time; as registered now, one would.";
  const what = event.attribute_name ? `${event.event_type} (${event.attribute_name})` : event.event_type;
  return `No callback wants ${what}. Registered: ${lane.callbacks.map(describeCallback).join("; ")}.`;
}

function whyWaiting({ lane, found }: Known): string {
  if (!lane) return "Waiting for the plugin.";
  if (lane.paused) return `Waiting: the plugin is paused by ${lane.paused.by}.`;
  if (lane.activity === "failed")
    return `Waiting: the plugin stopped at event ${lane.failure?.eventId ?? "?"}.`;
  if (lane.activity === "unloadable") return "Waiting: the plugin does not load.";
  if (lane.activity === "helper") return "Not for this file: it has no registerCallbacks.";
  if (lane.activity === "unplaced") return "Waiting: no host of the cluster runs the plugin now.";
  const before = found ? found.seq - lane.doneSeq - 1 : 0;
  if (before > 0) return `Waiting: ${before} ${before === 1 ? "event is" : "events are"} before it.`;
  return lane.inHand && lane.inHand.eventId === found?.event.id
    ? "It is with the plugin now."
    : "Waiting: it is the next event of the plugin.";
}
