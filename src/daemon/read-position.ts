/** How far the site's log was read: the newest id, the ids missing below it, the generation. Answers move it; what stores it is the reader's. */
import type { WireEvent } from "../event.ts";
import type { Gap, ReaderState } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { Gaps, type GapTimes } from "./gaps.ts";
import type { Happenings } from "./happenings.ts";
import type { Question } from "./site-log.ts";

export interface PositionParts {
  times: GapTimes;
  log: Log;
  happenings: Happenings;
}

/** What an answer brought. */
export interface Taken {
  /** Not known before, in the order of the answer. */
  events: WireEvent[];
  /** Ids that never happened, as this answer showed. */
  givenUp: IdRange[];
  /** The event the position stands on now; null when it did not move. */
  newest: WireEvent | null;
}

export interface IdRange {
  first: number;
  last: number;
}

/** Ranges asked for in one question. */
const RANGES_A_QUESTION = 50;

export class ReadPosition {
  readonly #parts: PositionParts;
  #id = 0;
  #generation = 1;
  #gaps: Gaps;
  /** Events that had been gaps, and ids that never happened, since the start. */
  lateEvents = 0;
  givenUpIds = 0;

  constructor(parts: PositionParts) {
    this.#parts = parts;
    this.#gaps = new Gaps(parts.times);
  }

  /** The newest id seen. */
  get id(): number {
    return this.#id;
  }

  get generation(): number {
    return this.#generation;
  }

  get openGaps(): number {
    return this.#gaps.size;
  }

  gaps(now: number): Gap[] {
    return this.#gaps.snapshot(now);
  }

  /** For storing. */
  state(now: number): ReaderState {
    return { position: this.#id, gaps: this.#gaps.snapshot(now), generation: this.#generation };
  }

  /** Stands where `state` says. */
  restore({ position, gaps, generation }: ReaderState, now: number): void {
    this.#id = position;
    this.#generation = generation;
    this.#gaps = new Gaps(this.#parts.times, gaps, now);
  }

  /** The gaps that it is time to ask for. */
  due(now: number): IdRange[] {
    return this.#gaps.due(now, RANGES_A_QUESTION);
  }

  /** Moves over the answer to a question that was asked at `askedAt`. Times are those of one monotonic clock. */
  take(question: Question, events: readonly WireEvent[], { askedAt, now }: Asked): Taken {
    const fresh: WireEvent[] = [];
    let newest: WireEvent | null = null;
    for (const event of events) {
      if (event.id > this.#id) {
        if (event.id > this.#id + 1) this.#openGap(this.#id + 1, event.id - 1, now);
        this.#id = event.id;
        newest = event;
        fresh.push(event);
      } else if (this.#gaps.fill(event.id)) {
        this.#parts.log.debug(`event ${event.id} became visible late`, { event_id: event.id });
        this.lateEvents += 1;
        fresh.push(event);
      }
    }
    // a full answer may end inside the ranges asked for
    const reach = events.length >= question.limit ? events.at(-1)!.id : Number.POSITIVE_INFINITY;
    const answered = question.ranges.filter(({ last }) => last <= reach);
    const givenUp = this.#gaps.answered(answered, askedAt);
    for (const { first, last } of givenUp) this.#tellGivenUp(first, last);
    return { events: fresh, givenUp, newest };
  }

  /** The site was restored: what is above `lastCommonId` is another log. */
  goBackTo(lastCommonId: number): void {
    this.#gaps.cutAbove(lastCommonId);
    this.#id = lastCommonId;
    this.#generation += 1;
  }

  #openGap(first: number, last: number, now: number): void {
    this.#gaps.open(first, last, now);
    this.#parts.happenings.tell({ kind: "gap_opened", first, last });
  }

  #tellGivenUp(first: number, last: number): void {
    const { log, happenings, times } = this.#parts;
    const waitedMs = times.timeoutMs;
    const ids = first === last ? `event ${first}` : `events ${first} to ${last}`;
    this.givenUpIds += last - first + 1;
    log.info(`${ids} never happened: not visible ${Math.round(waitedMs / 1000)} s after a newer one was`);
    happenings.tell({ kind: "gap_given_up", first, last, waitedMs });
  }
}

interface Asked {
  askedAt: number;
  now: number;
}
