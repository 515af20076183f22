/** Random histories against a simple model of what the journal promises. */
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Journal, LaneJournal, Outcome } from "../../src/journal/journal.ts";
import { SlotWriter } from "../../src/journal/slot.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { Folders, failure, wireEvent } from "./support.ts";

const folders = new Folders();
afterEach(() => folders.remove());

const RUNS = { numRuns: 25 };
const KEYS = ["one", "two", "three"];

/** A journal that can be killed at any moment. */
class Subject {
  journal!: Journal;
  #folder = join(folders.make(), "state");

  async open(): Promise<void> {
    this.journal = await openSqliteJournal({ folder: this.#folder, cacheBytes: 0 });
  }

  async kill(): Promise<void> {
    const copy = folders.killedCopy(this.#folder);
    await this.journal.close();
    this.#folder = copy;
    await this.open();
  }
}

const batch = fc.record({
  kind: fc.constant("append" as const),
  ids: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
  newGeneration: fc.nat(6).map((n) => n === 0),
  never: fc.array(fc.tuple(fc.integer({ min: 50, max: 70 }), fc.nat(5)), { maxLength: 2 }),
  position: fc.nat(100),
});
const kill = fc.record({ kind: fc.constant("kill" as const) });

test("the journal is the list of what was appended, without repetitions within a generation", async () => {
  const commands = fc.array(fc.oneof({ weight: 6, arbitrary: batch }, { weight: 1, arbitrary: kill }), {
    maxLength: 20,
  });
  await fc.assert(
    fc.asyncProperty(commands, fc.integer({ min: 1, max: 7 }), async (steps, limit) => {
      const subject = new Subject();
      await subject.open();
      const model: { id: number; generation: number }[] = [];
      const never = new Map<number, Set<number>>();
      let generation = 1;
      let reader = null;
      for (const step of steps) {
        if (step.kind === "kill") {
          await subject.kill();
          continue;
        }
        if (step.newGeneration) generation += 1;
        const given = never.get(generation) ?? new Set<number>();
        never.set(generation, given);
        const neverHappened = step.never.map(([first, more]) => ({ first, last: first + more }));
        for (const { first, last } of neverHappened) for (let id = first; id <= last; id += 1) given.add(id);
        const fresh = step.ids.filter(
          (id, at) =>
            step.ids.indexOf(id) === at && !model.some((it) => it.id === id && it.generation === generation),
        );
        reader = { position: step.position, gaps: [], generation };
        const firstSeq = model.length + 1;
        model.push(...fresh.map((id) => ({ id, generation })));
        const events = step.ids.map((id) => wireEvent(id, { session_uuid: `${generation}` }));
        expect(await subject.journal.append({ events, neverHappened, reader })).toEqual({
          firstSeq,
          lastSeq: model.length,
          repeated: step.ids.length - fresh.length,
        });
      }
      const { journal } = subject;
      expect(await journal.readerState()).toEqual(reader);
      await expectModel(journal, model, limit);
      for (let id = 45; id <= 80; id += 1) {
        expect(await journal.neverHappened(id)).toBe(never.get(generation)?.has(id) ?? false);
      }
      await journal.close();
    }),
    RUNS,
  );
}, 120_000);

async function expectModel(
  journal: Journal,
  model: readonly { id: number; generation: number }[],
  limit: number,
): Promise<void> {
  expect(journal.head).toMatchObject({ firstSeq: 1, lastSeq: model.length });
  const entries = [];
  for (let at = 0; ; ) {
    const page = await journal.read(at, limit);
    if (page.entries.length === 0) break;
    expect(page.entries.length).toBeLessThanOrEqual(limit);
    entries.push(...page.entries);
    at = page.entries.at(-1)!.seq;
  }
  expect(entries.map(({ seq, id }) => ({ seq, id }))).toEqual(
    model.map(({ id }, at) => ({ seq: at + 1, id })),
  );
  for (let id = 1; id <= 40; id += 1) {
    const at = model.findLastIndex((it) => it.id === id);
    const found = await journal.find(id);
    if (at < 0) expect(found).toBeNull();
    else {
      expect(found).toMatchObject({ seq: at + 1, generation: model[at]!.generation });
      expect(found!.event.session_uuid).toBe(`${model[at]!.generation}`);
    }
  }
}

const TOTAL = 120;
const lane = fc.nat(1);
const move = fc.oneof(
  fc.record({ kind: fc.constant("begun" as const), lane, by: fc.integer({ min: 1, max: 4 }), n: fc.nat(3) }),
  fc.record({ kind: fc.constant("done" as const), lane, by: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant("advance" as const), lane, by: fc.integer({ min: -5, max: 8 }) }),
  fc.record({
    kind: fc.constant("hand" as const),
    lane,
    length: fc.integer({ min: 1, max: 30 }),
    every: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    kind: fc.constant("record" as const),
    lane,
    outcome: fc.constantFrom("failed" as const, "skipped" as const),
  }),
  fc.record({
    kind: fc.constant("register" as const),
    lane,
    order: fc.shuffledSubarray(KEYS, { minLength: 3 }),
  }),
  fc.record({ kind: fc.constant("reopen" as const), lane }),
);

/** What is known of a lane. */
interface LaneModel {
  journal: LaneJournal;
  slot: SlotWriter;
  /** Done with everything up to here. A kill may take it back to `durable`, which only the lazy `advance` is ahead of. */
  seq: number;
  durable: number;
  /** Callbacks that had finished `seq + 1`, if it had begun. */
  finished: Set<string> | null;
  order: readonly string[];
  matched: Set<number>;
  recorded: Map<number, Outcome>;
}

test("cursors never go back, and the ledger tells what happened", async () => {
  const steps = fc.array(fc.oneof({ weight: 12, arbitrary: move }, { weight: 1, arbitrary: kill }), {
    maxLength: 40,
  });
  await fc.assert(
    fc.asyncProperty(steps, async (history) => {
      const subject = new Subject();
      await subject.open();
      const events = Array.from({ length: TOTAL }, (_, index) => wireEvent(index + 1));
      const reader = { position: TOTAL, gaps: [], generation: 1 };
      await subject.journal.append({ events, neverHappened: [], reader });
      const lanes = [await openModel(subject, "a", 0), await openModel(subject, "b", 10)];
      for (const step of history) {
        if (step.kind === "kill") {
          await subject.kill();
          for (const model of lanes) await resume(subject, model, true);
        } else await apply(subject, lanes, step);
        for (const model of lanes) await expectCursor(model);
      }
      for (const model of lanes) await expectLedger(subject.journal, model);
      for (const { slot } of lanes) slot.close();
      await subject.journal.close();
    }),
    RUNS,
  );
}, 120_000);

type Move = typeof move extends fc.Arbitrary<infer T> ? T : never;

async function apply(subject: Subject, lanes: readonly LaneModel[], step: Move): Promise<void> {
  const model = lanes[step.lane]!;
  if (step.kind === "begun" || step.kind === "done") writeSlot(model, step);
  if (step.kind === "advance") {
    const to = Math.min(TOTAL, Math.max(0, model.seq + step.by));
    await model.journal.advance(to);
    if (to > model.seq) Object.assign(model, { seq: to, finished: null });
  }
  if (step.kind === "hand") {
    const from = model.seq + 1;
    const to = Math.min(TOTAL, from + step.length - 1);
    if (from > to) return;
    const run = Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const matched = run.filter((seq) => seq % step.every === 0);
    await model.journal.handOver({ from, to, matched });
    for (const seq of run) model.matched.delete(seq);
    for (const seq of matched) model.matched.add(seq);
  }
  if (step.kind === "record") {
    const seq = Math.max(1, model.seq);
    await model.journal.record({ kind: step.outcome, failure: failure(seq) });
    if (model.recorded.get(seq) !== "failed") model.recorded.set(seq, step.outcome);
  }
  if (step.kind === "register") {
    await model.journal.register(step.order);
    model.order = step.order;
  }
  if (step.kind === "reopen") await resume(subject, model, false);
  // every commit takes along what was lazy
  if (["hand", "record", "register", "reopen"].includes(step.kind))
    for (const each of lanes) each.durable = each.seq;
}

function writeSlot(model: LaneModel, step: Extract<Move, { kind: "begun" | "done" }>): void {
  const seq = Math.min(TOTAL, model.seq + step.by);
  if (seq <= model.seq) return;
  if (step.kind === "done") {
    model.slot.done(seq);
    Object.assign(model, { seq, finished: null });
  } else {
    model.slot.begun(seq, step.n);
    const known = seq === model.seq + 1 ? model.finished : null;
    // what the slot said before about this event counts only as far as it was folded: the last record stands for all
    model.finished = new Set([...(known ?? []), ...model.order.slice(0, step.n)]);
    model.seq = seq - 1;
  }
  model.durable = model.seq;
}

async function openModel(subject: Subject, id: string, startSeq: number): Promise<LaneModel> {
  const journal = await subject.journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq });
  await journal.register(KEYS);
  const slot = new SlotWriter(journal.slot!.file, journal.slot!.epoch);
  const begin = { seq: startSeq, durable: startSeq, finished: null, order: KEYS };
  return { journal, slot, ...begin, matched: new Set(), recorded: new Map() };
}

/** A new owner, after a kill or while the old one still holds its slot open. */
async function resume(subject: Subject, model: LaneModel, killed: boolean): Promise<void> {
  const { id } = model.journal;
  model.journal = await subject.journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq: 99 });
  model.slot.close();
  model.slot = new SlotWriter(model.journal.slot!.file, model.journal.slot!.epoch);
  if (!killed) return;
  const { seq, begun } = await model.journal.cursor();
  expect(seq).toBeGreaterThanOrEqual(model.durable);
  expect(seq).toBeLessThanOrEqual(model.seq);
  if (seq === model.seq) return;
  model.seq = seq;
  model.finished = begun && new Set(begun.finished);
}

async function expectCursor({ journal, seq, finished }: LaneModel): Promise<void> {
  const cursor = await journal.cursor();
  expect(cursor.seq).toBe(seq);
  expect(cursor.begun?.seq ?? null).toBe(finished && seq + 1);
  // a callback that is told as finished had finished
  for (const key of cursor.begun?.finished ?? []) expect(finished).toContain(key);
}

async function expectLedger(
  journal: Journal,
  { journal: { id }, seq: cursor, matched, recorded }: LaneModel,
): Promise<void> {
  const start = id === "a" ? 0 : 10;
  for (let seq = 1; seq <= TOTAL; seq += 7) {
    const found = (await journal.ledger(seq)).find(({ lane: laneId }) => laneId === id);
    expect(found!.outcome, `event ${seq} of ${id}`).toBe(outcomeOf(seq));
  }
  function outcomeOf(seq: number): Outcome {
    if (seq <= start) return "before_start";
    if (seq > cursor) return "waiting";
    return recorded.get(seq) ?? (matched.has(seq) ? "delivered" : "filtered");
  }
}
