import { expect, it } from "vitest";
import { unexplained } from "./repeats.ts";

it("a repeat is explained by what came since the last one", () => {
  expect(unexplained([], [])).toBe(0);
  expect(unexplained([5], [])).toBe(1);
  expect(unexplained([5], [4])).toBe(0);
  // one event is in hand, however often its plugin is taken before it comes again
  expect(unexplained([5, 6], [2, 4])).toBe(1);
  expect(unexplained([5, 9], [8, 4])).toBe(0);
  expect(unexplained([5, 9], [4])).toBe(1);
  expect(unexplained([3], [4])).toBe(1);
});
