import { expect, it } from "vitest";
import { type ClusterReport, late, median } from "./judged.ts";

it("judges the longest take-over, and what half of the hand-overs took", () => {
  const of = (report: Pick<ClusterReport, "takeOverMs" | "handOverMs"> & Partial<ClusterReport>) =>
    late({ leaseMs: 3000, calledAgainMs: [], ...report } as ClusterReport);
  expect(of({ takeOverMs: [], handOverMs: [] })).toEqual([]);
  expect(of({ takeOverMs: [3999, 1200], handOverMs: [20, 30, 400] })).toEqual([]);
  expect(of({ takeOverMs: [4001, 1200], handOverMs: [20, 130, 400] })).toEqual([
    "a take-over came 4001 ms after the fault, and the lease is 3000 ms",
    "half of the hand-overs took 130 ms or more",
  ]);
  expect(of({ order: "strict", takeOverMs: [], handOverMs: [20, 130, 400] })).toEqual([]);
  expect(of({ takeOverMs: [], calledAgainMs: [4000, 9000], handOverMs: [] })).toEqual([]);
  expect(of({ takeOverMs: [], calledAgainMs: [4000, 9001], handOverMs: [] })).toEqual([
    "a plugin that was taken over was called again only 9001 ms after the fault",
  ]);
  expect(median([3, 1, 2])).toBe(2);
});
