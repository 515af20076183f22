import { expect, test } from "vitest";
import type { CrashReport } from "./harness.ts";
import { broken, tooLittle } from "./verdict.ts";

const PLUGIN = { name: "one", delivered: 9, lost: [], repeats: 1, unmarked: [], disorder: 0 };
const CLEAN: CrashReport = {
  folder: "/tmp/crash",
  kills: 4,
  asked: 4,
  atWork: 3,
  visible: 9,
  plugins: [PLUGIN],
  sameOrder: true,
  refusedStarts: [],
  lastExit: 0,
  lastWords: "",
};

test("a run in which most kills came at work has nothing against it", () => {
  expect(broken(CLEAN)).toEqual([]);
  expect(tooLittle(CLEAN)).toEqual([]);
});

test.each<[string, Partial<CrashReport>, RegExp]>([
  ["a loss", { plugins: [{ ...PLUGIN, lost: [7] }] }, /lost 1 events, first 7/],
  ["an unmarked repeat", { plugins: [{ ...PLUGIN, unmarked: [7] }] }, /event 7 again, unmarked/],
  ["more repeats than kills", { plugins: [{ ...PLUGIN, repeats: 5 }] }, /repeated 5 events in 4 kills/],
  ["another order", { sameOrder: false }, /different orders/],
  ["a start that ended", { refusedStarts: ["E"] }, /ended by itself/],
  ["an end that was not well", { lastExit: 1 }, /ended with 1/],
])("%s breaks a promise", (_what, change, says) => {
  expect(broken({ ...CLEAN, ...change }).join()).toMatch(says);
});

test.each<[string, Partial<CrashReport>, RegExp]>([
  ["kills that were not made", { kills: 2 }, /2 kills of 4/],
  ["kills while nothing was delivered", { atWork: 2 }, /2 of 4 kills/],
  ["no event that came again", { plugins: [{ ...PLUGIN, repeats: 0 }] }, /no event came again/],
])("%s are too little", (_what, change, says) => {
  expect(tooLittle({ ...CLEAN, ...change }).join()).toMatch(says);
});
