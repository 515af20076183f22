/**
 * The questions on their way to the site, answered strictly in order. While the reader is behind, several are asked at once: for
 * what comes after the position, and for the ranges of ids that should follow it.
 *
 * Ranges are a guess, by how densely the last page filled its ids. Whenever one has to be waited for alone it is an open question
 * instead, which steps over any hole; so catching up never takes more waits than one page after another. Too few events in
 * a range, or a failed question, and it goes on one at a time; each well filled answer then doubles how many are asked at once.
 *
 * Ranges end at an id that was visible before they were asked for. Above it events may be added while the answers are under way, and
 * a higher range could show one that is newer than what a lower range did not show yet.
 */
import type { WireEvent } from "../event.ts";
import type { IdRange } from "./read-position.ts";
import type { Question, SiteLog } from "./site-log.ts";

export interface QuestionParts {
  site: Pick<SiteLog, "read" | "readBack">;
  /** The reader's clock. */
  now: () => number;
  /** Events in one answer, at most. */
  limit: number;
  /** Questions at once, at most. */
  parallel: number;
  /** Gaps that it is time to ask for. */
  dueGaps: () => IdRange[];
}

export interface Answer {
  question: Question;
  anchorAsked: boolean;
  /** By the reader's clock. */
  askedAt: number;
  /** Milliseconds that the site took. */
  tookMs: number;
  /** By ascending id. */
  events: WireEvent[];
}

interface OnItsWay {
  question: Question;
  answer: Promise<Answer>;
  failed: boolean;
  drop(): void;
}

/** A range with less than this share of a full page was not worth a question; with fewer at once, each has to bring more. */
const WORTH_ASKING = 1 / 4;
/** Ranges are made for this share of a page, so that few hold more than an answer can. */
const AIM = 0.8;
const WIDEST_RANGE = 1_000_000;

export class Questions {
  readonly #parts: QuestionParts;
  /** By ascending `after`. */
  #asked: OnItsWay[] = [];
  /** Ids up to here were asked for and what was visible is known, though the position may be lower. */
  #answeredTo = 0;
  /** An id that is known to be visible; 0 when none is. */
  #visibleId = 0;
  #newestAsked: AbortController | null = null;
  /** How many are asked at once at present. */
  #abreast = 1;
  /** Ids that an answer covers, as far as is known. */
  #span: number;

  constructor(parts: QuestionParts) {
    this.#parts = parts;
    this.#span = parts.limit;
  }

  /**
   * The answer to the first question that goes on after `position`; asked now, unless it is on its way. With `anchor` the
   * event at the position is asked for too. Rejects with what the question rejects with.
   */
  next({ position, anchor }: { position: number; anchor: boolean }, signal: AbortSignal): Promise<Answer> {
    const from = Math.max(position, this.#answeredTo);
    this.#dropWhere(({ question: { upTo } }) => upTo !== undefined && upTo <= from);
    const reach = this.#asked[0]?.question.after ?? from;
    // an open question will not get there
    if (reach - from > this.#span) this.#dropWhere(() => true);
    if (reach > from || this.#asked.length === 0) {
      this.#asked.unshift(this.#ask({ after: anchor ? position - 1 : position }, anchor, signal));
    }
    this.#askAhead(signal);
    return this.#taken(this.#asked.shift()!);
  }

  /** Forgets what is on its way: the next question is asked alone. */
  restart(): void {
    this.#abreast = 1;
    this.#answeredTo = 0;
    this.#visibleId = 0;
    this.#newestAsked?.abort();
    this.#newestAsked = null;
    this.#dropWhere(() => true);
  }

  /** Whether there may be more to fetch at once after this answer. */
  goesOn({ question, events }: Answer): boolean {
    return question.upTo !== undefined || events.length >= question.limit;
  }

  async #taken({ answer }: OnItsWay): Promise<Answer> {
    try {
      const taken = await answer;
      this.#learn(taken);
      return taken;
    } catch (error) {
      this.restart();
      throw error;
    }
  }

  #learn(answer: Answer): void {
    if (!this.goesOn(answer)) {
      this.restart();
      return;
    }
    const { limit, parallel } = this.#parts;
    const { after, upTo } = answer.question;
    if (upTo !== undefined && answer.events.length < limit) this.#answeredTo = upTo;
    const ids = answer.events.map(({ id }) => id).filter((id) => id > after);
    if (ids.length < limit * Math.max(WORTH_ASKING, 1 / parallel)) {
      this.#abreast = 1;
      return;
    }
    const idsAnEvent = (ids.at(-1)! - ids[0]! + 1) / ids.length;
    this.#span = Math.min(WIDEST_RANGE, Math.max(limit, Math.round(limit * AIM * idsAnEvent)));
    this.#abreast = Math.min(parallel, this.#abreast * 2);
  }

  #askAhead(signal: AbortSignal): void {
    if (this.#asked.some(({ failed }) => failed)) return;
    while (this.#underWay < this.#abreast) {
      const { after, upTo = after + this.#span } = this.#asked.at(-1)!.question;
      if (upTo >= this.#visibleId) break;
      const end = Math.min(upTo + this.#span, this.#visibleId);
      this.#asked.push(this.#ask({ after: upTo, upTo: end }, false, signal));
    }
    // the ranges are at their end, or turned out sparse: no time is lost until the last of them is answered
    const { upTo } = this.#asked.at(-1)!.question;
    const isAllRanges = this.#asked.every(({ question }) => question.upTo !== undefined);
    const isEnd = this.#abreast === 1 || upTo! >= this.#visibleId;
    if (isAllRanges && isEnd && this.#underWay < this.#parts.parallel) {
      this.#asked.push(this.#ask({ after: upTo! }, false, signal));
    }
    const { after } = this.#asked[0]!.question;
    if (this.#underWay < this.#abreast && after >= this.#visibleId) this.#askForNewest(signal);
  }

  get #underWay(): number {
    return this.#asked.length + (this.#newestAsked ? 1 : 0);
  }

  /** How far ranges may go. Without an answer there are none. */
  #askForNewest(signal: AbortSignal): void {
    if (this.#newestAsked) return;
    const asked = new AbortController();
    this.#newestAsked = asked;
    const either = AbortSignal.any([signal, asked.signal]);
    this.#parts.site.readBack(Number.MAX_SAFE_INTEGER - 1, 1, either).then(
      ([newest]) => {
        if (this.#newestAsked !== asked) return;
        this.#newestAsked = null;
        this.#visibleId = newest?.id ?? 0;
      },
      () => {
        if (this.#newestAsked === asked) this.#newestAsked = null;
      },
    );
  }

  #ask(reach: Pick<Question, "after" | "upTo">, anchorAsked: boolean, signal: AbortSignal): OnItsWay {
    const { site, limit, now, dueGaps } = this.#parts;
    const gapsOnTheirWay = this.#asked.some(({ question }) => question.ranges.length > 0);
    const question: Question = { ...reach, ranges: gapsOnTheirWay ? [] : dueGaps(), limit };
    const dropping = new AbortController();
    const askedAt = now();
    const began = performance.now();
    const answer = site.read(question, AbortSignal.any([signal, dropping.signal])).then((events) => ({
      question,
      anchorAsked,
      askedAt,
      tookMs: performance.now() - began,
      events,
    }));
    const asked: OnItsWay = { question, answer, failed: false, drop: () => dropping.abort() };
    // an early failure is met when its turn comes
    answer.catch(() => {
      asked.failed = true;
    });
    return asked;
  }

  #dropWhere(isOver: (asked: OnItsWay) => boolean): void {
    for (const asked of this.#asked) if (isOver(asked)) asked.drop();
    this.#asked = this.#asked.filter((asked) => !isOver(asked));
  }
}
