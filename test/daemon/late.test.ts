import fc from "fast-check";
import { expect, test } from "vitest";
import { LateEvents } from "../../src/daemon/late.ts";

test("late are those with a lower id than one before them, once they are done", () => {
  const late = new LateEvents();
  const ids = [101, 103, 102, 104, 99, 100, 105];
  late.take(ids.map((id, index) => ({ seq: index + 1, generation: 1, id })));
  expect(late.doneTo(2)).toEqual([]);
  expect(late.doneTo(5)).toEqual([102, 99]);
  expect(late.doneTo(7)).toEqual([100]);
  expect(late.doneTo(7)).toEqual([]);
});

test("ids that a restored site gives again are not late", () => {
  const late = new LateEvents();
  late.take([
    { seq: 1, generation: 1, id: 50 },
    { seq: 2, generation: 2, id: 40 },
    { seq: 3, generation: 2, id: 42 },
    { seq: 4, generation: 2, id: 41 },
  ]);
  expect(late.doneTo(9)).toEqual([41]);
});

test("each is told once, however the events are taken and done", () => {
  const histories = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 40 });
  fc.assert(
    fc.property(histories, fc.array(fc.nat({ max: 5 })), (ids, steps) => {
      const entries = ids.map((id, index) => ({ seq: index + 1, generation: 1, id }));
      const late = new LateEvents();
      const told: number[] = [];
      let taken = 0;
      for (const step of [...steps, ids.length]) {
        late.take(entries.slice(taken, taken + step));
        taken = Math.min(ids.length, taken + step);
        told.push(...late.doneTo(taken - 1));
      }
      told.push(...late.doneTo(ids.length));
      expect(told).toEqual(ids.filter((id, index) => id < Math.max(...ids.slice(0, index))));
    }),
  );
});
