/**
 * The reader: follows the site's event log and appends what becomes visible to the journal. It knows no lanes.
 *
 * One question asks for the events after the position and, when it is time for them, for the open gaps too. While there
 * is more to fetch the next questions are already on their way when the last answer is being written (`questions.ts`). Every wait
 * ends at once when the signal aborts. A site that cannot be asked is asked again, for ever, less and less often.
 */
import type { AppendBatch, AppendResult, Journal } from "../journal/journal.ts";
import type { Log } from "../log/log.ts";
import { Anchor } from "./anchor.ts";
import { beginning } from "./beginning.ts";
import { whileDiskIsFull } from "./disk-full.ts";
import { Doorbell } from "./doorbell.ts";
import type { Happenings } from "./happenings.ts";
import { type Answer, Questions } from "./questions.ts";
import { ReadPosition, type Taken } from "./read-position.ts";
import { SiteClock, SiteContact } from "./site-contact.ts";
import type { SiteLog } from "./site-log.ts";

export interface ReaderOptions {
  site: SiteLog;
  journal: Journal;
  log: Log;
  happenings: Happenings;
  start: "latest" | "earliest" | number | string;
  fetchIntervalMs: number;
  batchSize: number;
  parallelFetches: number;
  gapTimeoutMs: number;
  /** Told of everything that failed for good; the daemon stops then. */
  random?: () => number;
}

export interface ReaderStatus {
  /** Everything up to here that was visible is in the journal. */
  position: number;
  generation: number;
  /** Events appended since the start. */
  events: number;
  /** Open gaps; each is given up when it was waited for `gapTimeoutMs`. */
  gaps: { first: number; last: number; waitedMs: number }[];
  gapTimeoutMs: number;
  /** Events that had been gaps, and ids that never happened, since the start. */
  lateEvents: number;
  givenUpIds: number;
  /** `created_at` of the newest event seen since the start. */
  newestAt: string | null;
  /** Milliseconds from the newest event's creation, by the site's clock, until it was read. */
  lagMs: number | null;
  /** True while full pages come in. */
  catchingUp: boolean;
  /** Events cannot be stored; they wait on the site. */
  diskFull: boolean;
  /** When the site's log was last found to have gone back (a restored site), and to which id; null when it never was. */
  restored: { at: string; lastCommonId: number } | null;
}

/** While gaps are open, their ages are stored this often. */
const STORE_AGES_EVERY_MS = 10_000;

export class Reader {
  readonly #options: ReaderOptions;
  readonly #clock = new SiteClock();
  readonly #contact: SiteContact;
  readonly #doorbell = new Doorbell();
  readonly #position: ReadPosition;
  readonly #questions: Questions;
  readonly #anchor: Anchor;
  /** The position as it was stored last. */
  #storedId = 0;
  #events = 0;
  #newestAt: string | null = null;
  #lagMs: number | null = null;
  #catchingUp = false;
  #diskFull = false;
  #storedAgesAt = 0;

  constructor(options: ReaderOptions) {
    this.#options = options;
    this.#contact = new SiteContact({
      log: options.log,
      clock: this.#clock,
      happenings: options.happenings,
      ...(options.random ? { random: options.random } : {}),
    });
    const { site, journal, log, happenings, fetchIntervalMs } = options;
    const times = {
      timeoutMs: options.gapTimeoutMs,
      askEveryMs: fetchIntervalMs / 2,
      askAtMostEveryMs: Math.max(10_000, fetchIntervalMs),
    };
    this.#position = new ReadPosition({ times, log, happenings });
    this.#questions = new Questions({
      site,
      now: () => this.#clock.now(),
      limit: options.batchSize,
      parallel: options.parallelFetches,
      dueGaps: () => this.#position.due(this.#clock.now()),
    });
    this.#anchor = new Anchor({ site, journal, contact: this.#contact, log, happenings });
  }

  get contact(): SiteContact {
    return this.#contact;
  }

  status(): ReaderStatus {
    return {
      position: this.#storedId,
      generation: this.#position.generation,
      events: this.#events,
      gaps: this.#position.gaps(this.#clock.now()),
      newestAt: this.#newestAt,
      lagMs: this.#lagMs,
      gapTimeoutMs: this.#options.gapTimeoutMs,
      lateEvents: this.#position.lateEvents,
      givenUpIds: this.#position.givenUpIds,
      catchingUp: this.#catchingUp,
      diskFull: this.#diskFull,
      restored: this.#anchor.restored,
    };
  }

  /** Asks the site now instead of at the end of the present pause, or again at once if it is being asked. */
  wake(): void {
    this.#doorbell.ring();
  }

  /** Runs until the signal aborts, and again when it is its turn again. Rejects only with what the journal rejects with. */
  async run(signal: AbortSignal): Promise<void> {
    // while another read, this one waited for nothing
    this.#clock.pause();
    try {
      await this.#resume(signal);
      let answer = await this.#ask(true, signal);
      while (!signal.aborted) answer = await this.#turn(answer, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Takes one answer in; resolves with the next. */
  async #turn(answer: Answer, signal: AbortSignal): Promise<Answer> {
    const { question, anchorAsked, events, askedAt } = answer;
    const standing = this.#position.state(this.#clock.now());
    const back = anchorAsked ? await this.#anchor.wentBackTo(events, standing, signal) : null;
    if (back !== null) {
      await this.#goBack(back, signal);
      return this.#ask(true, signal);
    }
    const taken = this.#position.take(question, events, { askedAt, now: this.#clock.now() });
    if (taken.newest) this.#anchor.drop(taken.newest);
    this.#newestAt = taken.newest?.created_at ?? this.#newestAt;
    this.#catchingUp = this.#questions.goesOn(answer);
    const ahead = this.#catchingUp ? this.#ask(false, signal) : null;
    // an early failure of the question on its way is met when its turn comes
    ahead?.catch(() => {});
    await this.#store(taken, signal);
    if (ahead) return ahead;
    await this.#doorbell.rest(this.#options.fetchIntervalMs, signal);
    return this.#ask(true, signal);
  }

  async #resume(signal: AbortSignal): Promise<void> {
    const { journal, site, start, log } = this.#options;
    const stored = await journal.readerState();
    if (stored) {
      this.#position.restore(stored, this.#clock.now());
      this.#storedId = stored.position;
      const [newest] = await journal.newestById(stored.generation, stored.position, 1);
      // what it knew at the end of its last turn is not where another has read to since
      this.#anchor.drop(newest?.id === stored.position ? newest.event : null);
      log.info(`continuing after event ${stored.position}`, { gaps: stored.gaps.length });
      return;
    }
    const first = await this.#contact.ask((attempt) => beginning(site, start, attempt), signal);
    this.#position.restore(first, this.#clock.now());
    await this.#append({ events: [], neverHappened: [], reader: first }, signal);
    this.#storedId = first.position;
    log.info(`first start: beginning after event ${first.position} (start: ${JSON.stringify(start)})`);
    if (typeof start === "number") await this.#tellIfAhead(start, signal);
  }

  async #tellIfAhead(start: number, signal: AbortSignal): Promise<void> {
    const { site, log } = this.#options;
    const [newest] = await this.#contact.ask(
      (attempt) => site.readBack(Number.MAX_SAFE_INTEGER - 1, 1, attempt),
      signal,
    );
    const id = newest?.id ?? 0;
    if (id >= start - 1) return;
    log.warn(
      `start is ${start}, and the site's newest event is ${id}: nothing is delivered until the site gets there`,
    );
  }

  #ask(withAnchor: boolean, signal: AbortSignal): Promise<Answer> {
    let anchor = withAnchor;
    return this.#contact.ask(
      (attempt) => {
        if (anchor) this.#questions.restart();
        const from = { position: this.#position.id, anchor: anchor && this.#anchor.known };
        // a site that failed may come back as another one
        anchor = true;
        return this.#questions.next(from, attempt);
      },
      signal,
      ({ tookMs }) => tookMs,
    );
  }

  async #store({ events, givenUp }: Taken, signal: AbortSignal): Promise<void> {
    const now = this.#clock.now();
    const agesDue = this.#position.openGaps > 0 && now - this.#storedAgesAt >= STORE_AGES_EVERY_MS;
    if (events.length === 0 && givenUp.length === 0 && !agesDue) return;
    this.#storedAgesAt = now;
    const batch = { events, neverHappened: givenUp, reader: this.#position.state(now) };
    const { lastSeq } = await this.#append(batch, signal);
    this.#storedId = batch.reader.position;
    this.#events += events.length;
    const newest = events.at(-1);
    if (!newest) return;
    this.#lagMs = Math.max(0, Date.now() - Date.parse(this.#newestAt ?? newest.created_at)) || 0;
    const told = { events: events.length, lastSeq, lastId: newest.id, newestAt: this.#newestAt };
    this.#options.happenings.tell({ kind: "appended", ...told });
  }

  async #goBack(lastCommonId: number, signal: AbortSignal): Promise<void> {
    this.#position.goBackTo(lastCommonId);
    const batch = { events: [], neverHappened: [], reader: this.#position.state(this.#clock.now()) };
    await this.#append(batch, signal);
    this.#storedId = lastCommonId;
  }

  /** Once there is room for it. */
  #append(batch: AppendBatch, signal: AbortSignal): Promise<AppendResult> {
    const { journal, log } = this.#options;
    return whileDiskIsFull(
      () => journal.append(batch),
      log,
      signal,
      (full) => {
        this.#diskFull = full;
      },
    );
  }
}
