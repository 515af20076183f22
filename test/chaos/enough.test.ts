import { expect, it } from "vitest";
import { tooLittle } from "./enough.ts";
import type { ChaosReport } from "./judged.ts";

const ENOUGH = {
  events: 3100,
  audited: 3000,
  site: { late: 0, missing: 0, restored: 1, forgotten: 100 },
  process: { kills: 6 },
  faults: { outage: 15, "daemon killed": 15, "host killed": 15 },
  plugins: [
    { plugin: "a-calm", delivered: 3000, ordered: 2999, repeats: 3 },
    { plugin: "calm-py", delivered: 3000, ordered: 2999, repeats: 3 },
  ],
  calm: 0.6,
} as unknown as ChaosReport;

function told(report: object, minutes = 3): string[] {
  return tooLittle({ ...ENOUGH, ...report } as ChaosReport, minutes);
}

it("a run that met and judged enough proves something", () => {
  expect(told({})).toEqual([]);
});

it.each<[string, object]>([
  ["events: 2999, and 3000 are needed", { events: 2999, audited: 2900 }],
  ["kills of the daemon: 5, and 6 are needed", { process: { kills: 5 } }],
  [
    'fault "host killed": 0, and 1 are needed',
    { faults: { ...ENOUGH.faults, outage: 30, "host killed": 0 } },
  ],
  ["events that the audit compared: 100, and 2700 are needed", { audited: 100 }],
  ["share of the time in which stalls are judged: 0.2, and 0.25 are needed", { calm: 0.2 }],
])("%s", (sentence, report) => {
  expect(told(report)).toEqual([sentence]);
});

it("order and repeats were judged of most that came, and in both languages", () => {
  const [calm, calmPy] = ENOUGH.plugins;
  expect(told({ plugins: [{ ...calm, ordered: 700 }, calmPy] })).toEqual([
    "events of a-calm whose order is judged: 700, and 2700 are needed",
  ]);
  expect(told({ plugins: [calm, { ...calmPy, repeats: 0 }] })).toEqual([
    "repeats in Python: 0, and 1 are needed",
  ]);
});

it("faults are counted, not only their kinds", () => {
  expect(told({ faults: { outage: 1, "daemon killed": 1 } })).toEqual(["faults: 2, and 45 are needed"]);
});
