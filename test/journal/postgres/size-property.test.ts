/** What is counted, measured and removed against a plain list of events. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { JournalSize, ROW_BYTES } from "../../../src/journal/postgres/size.ts";

const SLICE = 500;

type Act =
  | { kind: "append"; count: number; length: number; unseen: boolean }
  | { kind: "measure"; most: number; removing: number }
  | { kind: "remove"; part: number };

const part = fc.double({ min: 0, max: 1, noNaN: true });
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    kind: fc.constant("append" as const),
    count: fc.integer({ min: 1, max: 1200 }),
    length: fc.integer({ min: 0, max: 300 }),
    unseen: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant("measure" as const),
    most: fc.integer({ min: 1, max: 1500 }),
    removing: fc.oneof(fc.constant(0), part),
  }),
  fc.record({ kind: fc.constant("remove" as const), part }),
);

/** The journal as it is. */
class Model {
  readonly lengths = new Map<number, number>();
  last = 0;
  removed = 0;

  append(count: number, length: number): { seq: number; json: string }[] {
    const events = Array.from({ length: count }, () => ({ seq: ++this.last, json: "x".repeat(length) }));
    for (const { seq, json } of events) this.lengths.set(seq, json.length + ROW_BYTES);
    return events;
  }

  remove(share: number): number {
    const upTo = this.removed + Math.floor((this.last - this.removed) * share);
    while (this.removed < upTo) this.lengths.delete(++this.removed);
    return upTo;
  }

  slices(first: number, last: number): Map<number, number> {
    const bytes = new Map<number, number>();
    for (let seq = first; seq <= last; seq++) {
      const slice = Math.floor((seq - 1) / SLICE);
      bytes.set(slice, (bytes.get(slice) ?? 0) + (this.lengths.get(seq) ?? 0));
    }
    return bytes;
  }

  get bytes(): number {
    return [...this.lengths.values()].reduce((sum, bytes) => sum + bytes, 0);
  }
}

function measureOnce(size: JournalSize, model: Model, most: number, removing: number): void {
  const range = size.reckoned(most);
  if (!range) return;
  const seen = model.slices(range.first, range.last);
  if (removing > 0) size.removedTo(model.remove(removing));
  size.measured(range, seen);
}

function play(size: JournalSize, model: Model, did: Act): void {
  if (did.kind === "remove") size.removedTo(model.remove(did.part));
  else if (did.kind === "measure") measureOnce(size, model, did.most, did.removing);
  else {
    const events = model.append(did.count, did.length);
    if (did.unseen) size.grownTo(model.last);
    else size.add(events);
  }
}

test("whatever happens, once all is measured it is as large as what is stored", () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), (acts) => {
      const model = new Model();
      const size = new JournalSize(null);
      for (const did of acts) {
        play(size, model, did);
        expect(size.bytes).toBeGreaterThanOrEqual(0);
      }
      for (let left = 100; left > 0 && size.reckoned(1); left--) measureOnce(size, model, 1000, 0);
      expect(size.reckoned(1)).toBeNull();
      expect(size.bytes).toBe(model.bytes);
    }),
    { numRuns: 200 },
  );
});

test("what was appended before its eyes is known without measuring, until a part of a slice goes", () => {
  const model = new Model();
  const size = new JournalSize(null);
  for (const length of [10, 2000, 50]) size.add(model.append(SLICE, length));
  size.removedTo(model.remove(1 / 3));
  expect([size.bytes, size.reckoned(1)]).toEqual([model.bytes, null]);
  size.removedTo(model.remove(1 / 4));
  expect(size.reckoned(10_000)).toEqual({ first: 751, last: 1000 });
});
