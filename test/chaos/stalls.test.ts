import { expect, it } from "vitest";
import type { Note } from "./oracle.ts";
import type { Shown } from "./site.ts";
import { downtimes, LONGEST_STALL_MS, longestStall, timeBeside } from "./stalls.ts";
import { stallProblems } from "./verdict.ts";

/** Event n was visible at n × 1000 ms, and came then: n → when it came, ms. */
function run(came: Record<number, number>) {
  const numbers = Object.keys(came).map(Number);
  const done = numbers.map((number): Note => {
    return { number, at: came[number]!, redelivered: false, host: undefined, moment: undefined };
  });
  const shown = new Map(
    numbers.map((number): [number, Shown] => [
      number,
      { id: number, type: "any", at: number * 1000, forgotten: false },
    ]),
  );
  return { done, shown };
}

it("a plugin stands still from the last that came, or from what it waits for", () => {
  const { done, shown } = run({ 1: 1010, 2: 2010, 50: 50_010, 51: 99_000, 52: 99_001 });
  expect(longestStall(done, shown)).toEqual({ ms: 48_000, at: 99_000 });
  expect(stallProblems("calm", longestStall(done, shown))).toEqual([
    "calm got nothing for 48000 ms, though events waited",
  ]);
});

it("what an outage and a daemon that is not there explain is no stall", () => {
  const { done, shown } = run({ 1: 1010, 2: 63_000 });
  const outage = { from: 1500, until: 61_500 };
  expect(longestStall(done, shown, [outage])).toEqual({ ms: 1500, at: 63_000 });
  expect(longestStall(done, shown, [{ from: 1500, until: 11_500 }]).ms).toBe(51_500);
  expect(stallProblems("calm", { ms: LONGEST_STALL_MS, at: 0 })).toEqual([]);
});

it("time beside spans that lie over one another is counted once", () => {
  const spans = [
    { from: 0, until: 20 },
    { from: 10, until: 15 },
    { from: 30, until: 50 },
    { from: 90, until: 200 },
  ];
  expect(timeBeside(spans, { from: 5, until: 100 })).toBe(10 + 40);
  expect(timeBeside([], { from: 5, until: 100 })).toBe(95);
  expect(timeBeside(spans, { from: 31, until: 49 })).toBe(0);
});

it("no daemon is up from the end of one until the next says so", () => {
  expect(
    downtimes([
      { upAt: 10, endedAt: 20 },
      { upAt: null, endedAt: 25 },
      { upAt: 40, endedAt: null },
    ]),
  ).toEqual([
    { from: 0, until: 10 },
    { from: 20, until: 40 },
  ]);
  expect(downtimes([{ upAt: 10, endedAt: 20 }]).at(-1)).toEqual({
    from: 20,
    until: Number.POSITIVE_INFINITY,
  });
});
