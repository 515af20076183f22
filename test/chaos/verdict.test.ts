import { expect, it } from "vitest";
import { type ChaosVerdict, type Happened, problems } from "./verdict.ts";

const KEPT: ChaosVerdict = {
  plugin: "calm-py",
  delivered: 10,
  lost: [],
  repeats: 0,
  repeatedAt: [],
  unmarked: [],
  ordered: 9,
  disorder: [],
  unplaced: [],
  longestMs: 0,
  stall: { ms: 0, at: 0 },
};
const NOTHING: Happened = { lives: [{ endedAt: null }], hostKills: [], thaws: [] };

function told(verdict: Partial<ChaosVerdict>, happened: Partial<Happened> = {}): string[] {
  return problems({ ...KEPT, ...verdict }, { ...NOTHING, ...happened });
}

it("says nothing of a plugin that got what it was owed", () => {
  expect(told({})).toEqual([]);
});

it.each<[string, Partial<ChaosVerdict>]>([
  ["calm-py lost 1 events: [3]", { lost: [3] }],
  ["calm-py got 1 again without a mark: [3]", { unmarked: [3] }],
  ["calm-py got 1 out of order: [[4,3]]", { disorder: [[4, 3]] }],
  ["calm-py got 1 that the journal did not have: [9]", { unplaced: [9] }],
  ["calm-py got nothing for 45001 ms, though events waited", { stall: { ms: 45_001, at: 50_000 } }],
])("%s", (sentence, verdict) => {
  expect(told(verdict)).toEqual([sentence]);
});

it("a repeat is explained by the end of a daemon, or of its own host", () => {
  const again = { repeats: 1, repeatedAt: [50] };
  const broken = (plugin: string) => [`${plugin} got 1 again, 1 of which no kill explains`];
  expect(told(again)).toEqual(broken("calm-py"));
  expect(told(again, { lives: [{ endedAt: 60 }] })).toEqual(broken("calm-py"));
  expect(told(again, { lives: [{ endedAt: 40 }] })).toEqual([]);
  expect(told(again, { hostKills: [{ at: 40, plugin: "calm-py" }] })).toEqual([]);
  expect(told(again, { hostKills: [{ at: 40, plugin: null }] })).toEqual([]);
  expect(told(again, { hostKills: [{ at: 40, plugin: "tasks-py" }] })).toEqual(broken("calm-py"));
  const calm = { ...again, plugin: "a-calm" };
  expect(told(calm, { hostKills: [{ at: 40, plugin: null }], thaws: [40] })).toEqual(broken("a-calm"));
  expect(told({ ...again, plugin: "wild" }, { thaws: [40] })).toEqual([]);
});
