import { expect, test } from "vitest";
import { STANDSTILL_MS, Standstill, standstillOf } from "../../bench/standstill.ts";

test("nothing has grown for two minutes", () => {
  let now = 1000;
  const standstill = new Standstill(() => now);
  expect(standstill.at(0)).toBe(false);
  now += STANDSTILL_MS - 1;
  expect(standstill.at(0)).toBe(false);
  expect(standstill.at(9)).toBe(false);
  now += STANDSTILL_MS - 1;
  expect(standstill.at(9)).toBe(false);
  now += 1;
  expect(standstill.at(9)).toBe(true);
});

test("the sentence names those that lack something, and not too many", () => {
  const has = Array.from({ length: 8 }, (_, i) => `plugin${i} has 3 of 4 events`);
  expect(standstillOf(has.slice(0, 1))).toBe(
    "Nothing was recorded for 120 s, and not all is there: plugin0 has 3 of 4 events.",
  );
  expect(standstillOf(has)).toMatch(/plugin4 has 3 of 4 events, and 3 more\.$/);
});
