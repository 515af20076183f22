import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Gaps } from "../../src/daemon/gaps.ts";

const times = { timeoutMs: 1000, askEveryMs: 10, askAtMostEveryMs: 200 };

describe("Gaps", () => {
  it("keeps a jump of ten million ids as one range, and splits it where an id shows up", () => {
    const gaps = new Gaps(times);
    gaps.open(11, 10_000_000, 0);
    expect(gaps.fill(500)).toBe(true);
    expect(gaps.fill(500)).toBe(false);
    expect(gaps.snapshot(0)).toEqual([
      { first: 11, last: 499, waitedMs: 0 },
      { first: 501, last: 10_000_000, waitedMs: 0 },
    ]);
  });

  it("gives a range up only by an answered question asked after the timeout", () => {
    const gaps = new Gaps(times);
    gaps.open(5, 6, 0);
    expect(gaps.answered([{ first: 5, last: 6 }], 999)).toEqual([]);
    expect(gaps.due(1000, 10)).toEqual([{ first: 5, last: 6 }]);
    // time alone does nothing: the answer does
    expect(gaps.size).toBe(1);
    expect(gaps.answered([{ first: 5, last: 6 }], 1000)).toEqual([{ first: 5, last: 6 }]);
    expect(gaps.size).toBe(0);
  });

  it("does not give up a range that the question did not cover", () => {
    const gaps = new Gaps(times);
    gaps.open(5, 6, 0);
    gaps.open(8, 9, 0);
    expect(gaps.answered([{ first: 5, last: 6 }], 5000)).toEqual([{ first: 5, last: 6 }]);
    expect(gaps.snapshot(5000)).toEqual([{ first: 8, last: 9, waitedMs: 5000 }]);
  });

  it("asks less and less often, and at once when the patience is over", () => {
    const gaps = new Gaps(times);
    gaps.open(5, 5, 0);
    const range = [{ first: 5, last: 5 }];
    expect(gaps.due(0, 10)).toEqual(range);
    gaps.answered(range, 0);
    expect(gaps.due(9, 10)).toEqual([]);
    expect(gaps.due(10, 10)).toEqual(range);
    gaps.answered(range, 900);
    expect(gaps.due(990, 10)).toEqual([]);
    expect(gaps.due(1000, 10)).toEqual(range);
  });

  it("goes on waiting where it was after a restart", () => {
    const before = new Gaps(times);
    before.open(5, 5, 100);
    const after = new Gaps(times, before.snapshot(700), 0);
    expect(after.answered([{ first: 5, last: 5 }], 399)).toEqual([]);
    expect(after.answered([{ first: 5, last: 5 }], 400)).toEqual([{ first: 5, last: 5 }]);
  });

  it("forgets what lies above an id", () => {
    const gaps = new Gaps(times);
    gaps.open(5, 9, 0);
    gaps.open(20, 30, 0);
    gaps.cutAbove(7);
    expect(gaps.snapshot(0)).toEqual([{ first: 5, last: 7, waitedMs: 0 }]);
  });

  it("keeps exactly the missing ids, whatever order they show up in", () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("open" as const), skip: fc.integer({ min: 0, max: 8 }) }),
      fc.record({ kind: fc.constant("fill" as const), pick: fc.nat() }),
      fc.record({ kind: fc.constant("give up" as const), pick: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const gaps = new Gaps({ ...times, timeoutMs: 0 });
        const missing = new Set<number>();
        let top = 0;
        for (const it of steps) {
          if (it.kind === "open") {
            gaps.open(top + 1, top + it.skip, 0);
            for (let id = top + 1; id <= top + it.skip; id += 1) missing.add(id);
            top += it.skip + 1;
          } else if (it.kind === "fill") {
            const id = (it.pick % (top + 2)) + 1;
            expect(gaps.fill(id)).toBe(missing.delete(id));
          } else {
            const ranges = gaps.snapshot(0);
            const range = ranges[it.pick % Math.max(1, ranges.length)];
            if (!range) continue;
            expect(gaps.answered([range], 0)).toEqual([{ first: range.first, last: range.last }]);
            for (let id = range.first; id <= range.last; id += 1) missing.delete(id);
          }
          expect(idsOf(gaps.snapshot(0))).toEqual([...missing].sort((a, b) => a - b));
        }
      }),
    );
  });
});

/** Expanded; fails when ranges overlap or are out of order, since the ids would not ascend. */
function idsOf(ranges: { first: number; last: number }[]): number[] {
  return ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i));
}
