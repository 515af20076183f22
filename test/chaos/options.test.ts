import { expect, it } from "vitest";
import { optionProblem } from "./options.ts";

it("a number of seeds, a seed or a length that is none is refused", () => {
  expect(optionProblem("seeds", "abc", "count")).toBe('--seeds is a whole number from 1, not "abc".');
  expect(optionProblem("seeds", "0", "count")).not.toBeNull();
  expect(optionProblem("seed", "-1", "whole")).not.toBeNull();
  expect(optionProblem("seed", "", "whole")).not.toBeNull();
  expect(optionProblem("minutes", "0", "length")).not.toBeNull();
  expect(optionProblem("minutes", "Infinity", "length")).not.toBeNull();
  expect(optionProblem("minutes", "0.5", "length")).toBeNull();
  expect(optionProblem("seed", "0", "whole")).toBeNull();
});
