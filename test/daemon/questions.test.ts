import fc from "fast-check";
import { expect, it } from "vitest";
import { Happenings } from "../../src/daemon/happenings.ts";
import { Questions } from "../../src/daemon/questions.ts";
import { ReadPosition } from "../../src/daemon/read-position.ts";
import type { Question } from "../../src/daemon/site-log.ts";
import type { WireEvent } from "../../src/event.ts";
import { idsOf, TestLog } from "./rig.ts";

const LIMIT = 8;
const HOLE = 20_000;

/** What a site's log is made of: stretches of ids, each filled in its own way. */
interface Stretch {
  ids: number;
  /** Of a hundred ids, so many become events. */
  filled: number;
  /** Of a hundred events, so many are visible only later. */
  late: number;
  /** The events are added while they are read. */
  isNew: boolean;
}

interface Row {
  id: number;
  /** Visible once the site has been asked so often. */
  visibleAt: number;
}

const stretch: fc.Arbitrary<Stretch> = fc.record({
  ids: fc.oneof(fc.nat(60), fc.constant(HOLE)),
  filled: fc.constantFrom(0, 0, 1, 20, 60, 95, 100, 100),
  late: fc.constantFrom(0, 0, 0, 10, 50),
  isNew: fc.constant(false),
});
const added: fc.Arbitrary<Stretch> = fc.record({
  ids: fc.nat(60),
  filled: fc.constantFrom(60, 100),
  late: fc.constantFrom(0, 0, 10),
  isNew: fc.constant(true),
});
/** What is there, and then what comes. */
const stretches = fc
  .tuple(fc.array(stretch, { maxLength: 8 }), fc.array(added, { maxLength: 3 }))
  .map(([there, coming]) => [...there, ...coming]);

it("ends with the journal of one page after another, whatever is late, fails, and comes in which order", async () => {
  await fc.assert(
    fc.asyncProperty(
      stretches,
      fc.infiniteStream(fc.nat(99)),
      fc.array(fc.boolean(), { maxLength: 40 }),
      fc.scheduler(),
      fc.constantFrom(2, 3, 4, 16),
      async (log, dice, failures, scheduler, parallel) => {
        const rows = rowsOf(log, dice);
        const one = await read(new Site(rows), 1);
        const site = new Site(rows, {
          failures,
          answer: (text) => scheduler.schedule(Promise.resolve(), text),
        });
        const reading = read(site, parallel);
        await scheduler.waitFor(reading);
        const many = await reading;
        expect(sorted(many.ids)).toEqual(sorted(one.ids));
        expect(new Set(many.ids).size).toBe(many.ids.length);
        expect(many.gaps).toEqual(one.gaps);
        const punctual = punctualIds(rows);
        const order = many.ids.filter((id) => punctual.has(id));
        expect(order).toEqual(sorted(order));
        if (rows.length === punctual.size) expect(many.ids).toEqual(one.ids);
        expect(site.mostAtOnce).toBeLessThanOrEqual(parallel);
      },
    ),
    { numRuns: 150 },
  );
});

it("waits no longer than one page after another, however the ids are filled", async () => {
  await fc.assert(
    fc.asyncProperty(
      stretches,
      fc.infiniteStream(fc.nat(99)),
      fc.constantFrom(2, 4, 8),
      async (log, dice, parallel) => {
        const rows = rowsOf(
          log.map((one) => ({ ...one, late: 0, isNew: false })),
          dice,
        );
        const one = await read(new Site(rows), 1);
        const many = await read(new Site(rows), parallel);
        expect(many.waits).toBeLessThanOrEqual(one.waits + 1);
      },
    ),
    { numRuns: 150 },
  );
});

it.each([
  ["a dense log", 100],
  ["one of which the script may see a tenth", 10],
  ["one of which it may see a hundredth", 1],
])("reads %s in little more than a quarter of the waits, asking four at once", async (_, filled) => {
  const [dice] = fc.sample(fc.infiniteStream(fc.nat(99)), { numRuns: 1, seed: 5 });
  const rows = rowsOf([{ ids: 300_000 / filled, filled, late: 0, isNew: false }], dice!);
  const one = await read(new Site(rows), 1, 100);
  const many = await read(new Site(rows), 4, 100);
  expect(many.waits / one.waits).toBeLessThan(0.4);
});

/** Keeps rows as a site does, and answers what is asked of it; one answer takes as long as any other. */
class Site {
  readonly #rows: readonly Row[];
  readonly #allPunctual: boolean;
  readonly #failures: readonly boolean[];
  readonly #answer: (text: string) => Promise<unknown>;
  asked = 0;
  mostAtOnce = 0;
  atOnce = 0;

  constructor(
    rows: readonly Row[],
    how: { failures?: readonly boolean[]; answer?: (text: string) => Promise<unknown> } = {},
  ) {
    this.#rows = rows;
    this.#allPunctual = rows.every(({ visibleAt }) => visibleAt === 0);
    this.#failures = how.failures ?? [];
    this.#answer = how.answer ?? (() => Promise.resolve());
  }

  get allPunctual(): boolean {
    return this.#allPunctual;
  }

  get allVisible(): boolean {
    return this.#allPunctual || this.#rows.every(({ visibleAt }) => visibleAt <= this.asked);
  }

  read(
    { after, upTo = Number.POSITIVE_INFINITY, ranges, limit }: Question,
    signal: AbortSignal,
  ): Promise<WireEvent[]> {
    const wanted = [{ first: after + 1, last: upTo }, ...ranges];
    return this.#answerTo(`${after} to ${upTo}`, signal, () =>
      this.#visible()
        .filter(({ id }) => wanted.some(({ first, last }) => first <= id && id <= last))
        .slice(0, limit),
    );
  }

  readBack(maxId: number, limit: number, signal: AbortSignal): Promise<WireEvent[]> {
    return this.#answerTo(`back from ${maxId}`, signal, () => this.#visible().toReversed().slice(0, limit));
  }

  async #answerTo(question: string, signal: AbortSignal, rows: () => Row[]): Promise<WireEvent[]> {
    this.asked += 1;
    const fails = this.#failures[this.asked] ?? false;
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    let isOver = false;
    const over = () => {
      if (!isOver) this.atOnce -= 1;
      isOver = true;
    };
    signal.addEventListener("abort", over);
    await this.#answer(question);
    over();
    signal.throwIfAborted();
    if (fails) throw new Error("the site failed");
    return rows().map(
      ({ id }) => ({ type: "EventLogEntry", id, event_type: "Shotgun_Task_Change" }) as WireEvent,
    );
  }

  #visible(): Row[] {
    return this.#rows.filter(({ visibleAt }) => visibleAt <= this.asked);
  }
}

/** Follows the log until everything in it is visible and read, as the reader does. */
async function read(site: Site, parallel: number, limit = LIMIT) {
  const times = { timeoutMs: Number.POSITIVE_INFINITY, askEveryMs: 0, askAtMostEveryMs: 0 };
  const log = new TestLog();
  const position = new ReadPosition({ times, log, happenings: new Happenings(log) });
  // an answer comes one wait after its question was asked
  let waits = 0;
  const dueGaps = () => (site.allPunctual ? [] : position.due(waits));
  const questions = new Questions({ site, now: () => waits, limit, parallel, dueGaps });
  const { signal } = new AbortController();
  const ids: number[] = [];
  let lastWaits = 0;
  let failed = false;
  // each question asks for fifty gaps at most
  for (let quiet = 0; quiet < 12; ) {
    const asking = questions.next({ position: position.id, anchor: false }, signal).catch(() => null);
    if (failed) expect(site.atOnce).toBe(1);
    const answer = await asking;
    failed = answer === null;
    if (!answer) continue;
    const { question, askedAt } = answer;
    waits = Math.max(waits, askedAt + 1);
    const { events } = position.take(question, answer.events, { askedAt, now: waits });
    ids.push(...idsOf(events));
    if (events.length > 0) lastWaits = waits;
    quiet = site.allVisible && !questions.goesOn(answer) && events.length === 0 ? quiet + 1 : 0;
  }
  return { ids, waits: lastWaits, gaps: position.gaps(0).map(({ first, last }) => [first, last]) };
}

function rowsOf(log: readonly Stretch[], dice: Iterable<number>): Row[] {
  const throws = dice[Symbol.iterator]();
  const next = () => throws.next().value as number;
  const rows: Row[] = [];
  let id = 0;
  // so often the site has been asked when the next event is added
  let clock = 0;
  for (const { ids, filled, late, isNew } of log) {
    const end = id + ids;
    // a wide stretch is a hole with a few events
    const step = ids === HOLE ? 1000 : 1;
    for (id += step; id <= end; id += step) {
      if (isNew && next() < 10) clock += 1 + (next() % 3);
      if (next() < filled) rows.push({ id, visibleAt: clock + (next() < late ? 1 + next() : 0) });
    }
    id = end;
  }
  return rows;
}

/** Those that no higher id was visible before. */
function punctualIds(rows: readonly Row[]): Set<number> {
  const ids = new Set<number>();
  let soonest = Number.POSITIVE_INFINITY;
  for (const { id, visibleAt } of rows.toReversed()) {
    if (visibleAt <= soonest) ids.add(id);
    soonest = Math.min(soonest, visibleAt);
  }
  return ids;
}

const sorted = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
