/** Questions about events, failures, gaps and operators: of a running daemon, or of the state of one that is stopped. */
import type { Journal, LaneRecord, OperatorAction } from "../../journal/journal.ts";
import type { ReplayedEvent, ReplayStore } from "../../journal/replays.ts";
import { LaneFigures } from "../figures.ts";
import type { RecentCall } from "../happenings.ts";
import { countedStatus, type LaneStatus } from "../lane-status.ts";
import { answerEvent, type EventAnswer } from "./event.ts";
import { type EventList, type EventQuery, listEvents, outcomesOf } from "./events.ts";
import { type FailureGroup, groupFailures } from "./failures.ts";
import { whileAnswering } from "./while-answering.ts";

/** What became of an event, for one plugin. */
export interface BriefOutcome {
  plugin: string;
  outcome: EventAnswer["plugins"][number]["outcome"];
}

export interface Backlog {
  /** The event that comes next; null when there is none. */
  nextEventId: number | null;
  nextSeq: number | null;
  /** Milliseconds since it was created on the site. */
  ageMs: number | null;
}

export interface AnswersParts {
  journal: Journal;
  /** null: there never was one. */
  replays: Pick<ReplayStore, "ofEvents"> | null;
  /** The plugins that run, on any host. */
  lanes(): readonly LaneStatus[];
  /** The others, where they are known without asking the journal. */
  gone?: () => LaneStatus[];
  /** Since when the journal has not answered, where that can be; null while it does. */
  awaySince?: () => string | null;
  /** Calls of a lane for an event, as far as they are still known. */
  callsFor(lane: string, seq: number): RecentCall[];
}

export class Answers {
  readonly #parts: AnswersParts;

  constructor(parts: AnswersParts) {
    this.#parts = parts;
  }

  /** Those that run, in strict order, and then those whose file is gone. */
  async plugins(): Promise<LaneStatus[]> {
    const { journal, lanes, gone } = this.#parts;
    const running = lanes();
    if (gone) return [...running, ...gone()];
    const known = new Set(running.map(({ id }) => id));
    const others = (await journal.lanes()).filter(({ id }) => !known.has(id));
    return [...running, ...others.map((record) => statusOf(record, journal.head.lastSeq))];
  }

  /** @throws CallsheetError STATE_UNUSABLE while the journal does not answer; so do the others, but `plugins` and `backlog` */
  event(id: number): Promise<EventAnswer & { replays: ReplayedEvent[] }> {
    return this.#asked(() => this.#event(id));
  }

  async #event(id: number): Promise<EventAnswer & { replays: ReplayedEvent[] }> {
    const { journal, replays, callsFor } = this.#parts;
    const answer = await answerEvent({ journal, lanes: await this.plugins(), callsFor }, id);
    return { ...answer, replays: (await replays?.ofEvents([id]))?.get(id) ?? [] };
  }

  /** Events alone, newest first. */
  list(query: EventQuery): Promise<EventList> {
    return this.#asked(() => listEvents(this.#parts.journal, query));
  }

  /** Events, newest first, with what became of each. */
  async events(query: EventQuery): Promise<EventList & { outcomes: Map<number, BriefOutcome[]> }> {
    const list = await this.list(query);
    const answers = await this.#asked(() => outcomesOf(this.#parts.journal, list.events));
    const outcomes = new Map(
      Array.from(answers, ([id, each]) => [id, each.map(({ name, outcome }) => ({ plugin: name, outcome }))]),
    );
    return { ...list, outcomes };
  }

  async failures(): Promise<FailureGroup[]> {
    const plugins = await this.plugins();
    return this.#asked(() => groupFailures(this.#parts.journal, plugins));
  }

  /** Id ranges that were given up, newest first. */
  givenUp(limit: number): Promise<{ generation: number; first: number; last: number }[]> {
    return this.#asked(() => this.#parts.journal.neverRanges(limit));
  }

  /** What operators did, newest first. */
  actions(limit: number): Promise<OperatorAction[]> {
    return this.#asked(() => this.#parts.journal.actions(limit));
  }

  /** The event that a lane stands before; while the journal does not answer, as if there were none. */
  async backlog({ doneSeq }: Pick<LaneStatus, "doneSeq">, now = Date.now()): Promise<Backlog> {
    const query = { after: doneSeq, before: doneSeq + 2, limit: 1 };
    const page = await this.list(query).catch((error: unknown) => {
      if (this.#parts.awaySince?.()) return null;
      throw error;
    });
    const next = page?.events[0];
    if (!next) return { nextEventId: null, nextSeq: null, ageMs: null };
    const created = Date.parse(next.event.created_at);
    const ageMs = Number.isNaN(created) ? null : Math.max(0, now - created);
    return { nextEventId: next.event.id, nextSeq: next.seq, ageMs };
  }

  #asked<T>(ask: () => Promise<T>): Promise<T> {
    const { awaySince } = this.#parts;
    return awaySince ? whileAnswering(awaySince, ask) : ask();
  }
}

/** A lane that does not run: its file is gone, or the daemon is stopped. */
export function statusOf(record: LaneRecord, lastSeq: number): LaneStatus {
  const { id, name, path, cursor, failure, paused, state } = record;
  const failed = state === "failed";
  return {
    id,
    name,
    path,
    host: null,
    gone: true,
    language: path.endsWith(".py") ? "python" : "typescript",
    activity: paused ? "paused" : failed ? "failed" : "stopped",
    since: failed ? failure!.at : (paused?.at ?? ""),
    callbacks: [],
    doneSeq: cursor.seq,
    backlog: Math.max(0, lastSeq - cursor.seq),
    inHand: null,
    ...countedStatus(new LaneFigures()),
    failure,
    loadError: null,
    retrying: null,
    paused,
  };
}
