import fc from "fast-check";
import { expect, test } from "vitest";
import { verdictOn } from "../../../bench/soak/oracle.ts";

/** A record as a plugin writes it: `7` for event 7, `7r` for one that was marked as redelivered. */
function record(...entries: string[]): Buffer {
  const lines = entries.map(
    (entry) => entry.replace("r", "").padStart(8, "0") + (entry.endsWith("r") ? "r" : "\n"),
  );
  return Buffer.from(lines.join(""));
}

const RANGE = { first: 11, last: 14 };
const CLEAN = { delivered: 4, lost: 0, behind: 0, disorder: 0, repeats: 0, unmarked: 0 };

test("all events, in order", () => {
  expect(verdictOn(record("11", "12", "13", "14"), RANGE)).toEqual(CLEAN);
  expect(verdictOn(record("11r", "12", "13", "14"), RANGE)).toEqual(CLEAN);
});

test("an event that is missing before another is lost; one at the end has not come", () => {
  expect(verdictOn(record("12", "14"), RANGE)).toEqual({ ...CLEAN, delivered: 2, lost: 2 });
  expect(verdictOn(record("11", "12"), RANGE)).toEqual({ ...CLEAN, delivered: 2, behind: 2 });
  expect(verdictOn(record(), RANGE)).toEqual({ ...CLEAN, delivered: 0, behind: 4 });
});

test("an event that comes again at once is a repeat, marked or not; later, it is out of order", () => {
  expect(verdictOn(record("11", "12", "12r", "13", "14"), RANGE)).toEqual({
    ...CLEAN,
    delivered: 5,
    repeats: 1,
  });
  const twice = { ...CLEAN, delivered: 5, repeats: 1, unmarked: 1 };
  expect(verdictOn(record("11", "12", "12", "13", "14"), RANGE)).toEqual(twice);
  expect(verdictOn(record("11", "12", "11r", "13", "14"), RANGE)).toEqual({
    ...CLEAN,
    delivered: 5,
    disorder: 1,
  });
});

test("a line that is not whole yet does not count", () => {
  expect(verdictOn(record("11", "12", "13", "14").subarray(0, -3), RANGE)).toMatchObject({
    delivered: 3,
    behind: 1,
  });
});

test("what is taken away is missed, wherever it stood", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.infiniteStream(fc.boolean()), (events, choices) => {
      const ids = Array.from({ length: events }, (_, i) => i + 1);
      const had = ids.filter(() => choices.next().value);
      const { lost, behind, disorder, repeats } = verdictOn(record(...had.map(String)), {
        first: 1,
        last: events,
      });
      expect(lost + behind).toBe(events - had.length);
      expect(behind).toBe(events - (had.at(-1) ?? 0));
      expect([disorder, repeats]).toEqual([0, 0]);
    }),
  );
});
