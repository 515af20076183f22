import { expect, it } from "vitest";
import type { AuditReport } from "../../src/daemon/audit.ts";
import { auditProblems } from "./audit.ts";
import type { Shown } from "./site.ts";

const SHOWN = new Map(
  [1, 2, 3, 4].map((number): [number, Shown] => [
    number,
    { id: number + 10, type: "any", at: 0, forgotten: number === 2 },
  ]),
);
const WHOLE: AuditReport = {
  first: 11,
  last: 14,
  events: 3,
  onTheWay: 0,
  goneFromSite: 0,
  differences: 0,
  list: [],
  plugins: [{ plugin: "calm", lane: "calm-1", outcomes: { delivered: 2, filtered: 1 } }],
  notes: [],
};

function told(report: Partial<AuditReport>, damaged = false): string[] {
  return auditProblems({ ...WHOLE, ...report }, { shown: SHOWN, plugins: ["calm"], damaged });
}

it("has nothing against an audit that accounts for everything", () => {
  expect(told({})).toEqual([]);
});

it("an audit that compared nothing, or too little, is none", () => {
  expect(auditProblems(null, { shown: SHOWN, plugins: [], damaged: false })).toEqual([
    "the audit could not be made",
  ]);
  const nothing = { first: null, last: null, events: 0, plugins: [] };
  expect(told(nothing)).toEqual([
    "the audit compared ids null to null, and the site has 11 to 14",
    "the audit says nothing of calm",
  ]);
  const outcomes = { delivered: 2 };
  const plugins = [{ plugin: "calm", lane: "calm-1", outcomes }];
  expect(told({ events: 2, plugins })).toEqual(["the audit compared 2 events, and the site showed 3 there"]);
  expect(told({ first: 13, events: 2, plugins })).toEqual([
    "the audit compared ids 13 to 14, and the site has 11 to 14",
  ]);
  // after a repair the journal may begin with another event
  expect(told({ first: 13, events: 2, plugins }, true)).toEqual([]);
  expect(told({ last: 13, events: 2, plugins }, true)).toHaveLength(1);
});

it.each([
  [{ delivered: 2 }],
  [{ delivered: 2, waiting: 1 }],
  [{ delivered: 2, failed: 1 }],
  [{ delivered: 2, dropped: 1 }],
  [{ delivered: 3, skipped: 1 }],
])("an event is delivered or filtered out, and nothing else: %o", (outcomes) => {
  expect(told({ plugins: [{ plugin: "calm", lane: "calm-1", outcomes }] })).toEqual([
    `the audit compared 3 events, and says of calm: ${JSON.stringify(outcomes)}`,
  ]);
});

it("tells of differences, and of events that are still waited for", () => {
  const list = [{ eventId: 12, kind: "missing" as const, plugin: null }];
  expect(told({ differences: 1, list })).toHaveLength(1);
  expect(told({ onTheWay: 1 })).toHaveLength(1);
});
