import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketOf, CALL_BUCKETS_MS, CALLS_A_REPORT, CallTimes, quantileMs } from "../../src/call-times.ts";

const calls = fc.array(
  fc.record({ callback: fc.nat(3), ms: fc.double({ min: 0, max: 400_000, noNaN: true }) }),
);

test("every call is counted once, in its bucket, and the last ones are told singly", () => {
  fc.assert(
    fc.property(calls, (all) => {
      const times = new CallTimes();
      for (const [at, { callback, ms }] of all.entries()) times.add(at + 1, callback, ms, at);
      const { callbacks, recent } = times.take(1000);
      for (const { index, ms, counts } of callbacks) {
        const own = all.filter(({ callback }) => callback === index);
        expect(ms).toBeCloseTo(
          own.reduce((sum, call) => sum + call.ms, 0),
          5,
        );
        for (const [bucket, count] of counts.entries())
          expect(count).toBe(own.filter((call) => bucketOf(call.ms) === bucket).length);
      }
      expect(callbacks.length).toBe(new Set(all.map(({ callback }) => callback)).size);
      expect(recent).toEqual(
        all.map((call, at) => ({ seq: at + 1, ...call, at: 1000 + at })).slice(-CALLS_A_REPORT),
      );
      expect(times.take(0)).toEqual({ callbacks: [], recent: [] });
    }),
  );
});

test("a quantile lies in the bucket of the call that it stands for", () => {
  expect(quantileMs([0, 0], 0.5)).toBe(null);
  const durations = fc.array(fc.double({ min: 0.001, max: 300_000, noNaN: true }), { minLength: 1 });
  fc.assert(
    fc.property(durations, fc.double({ min: 0.01, max: 1, noNaN: true }), (all, share) => {
      const counts = new Array(CALL_BUCKETS_MS.length + 1).fill(0) as number[];
      for (const ms of all) counts[bucketOf(ms)]! += 1;
      const exact = all.toSorted((a, b) => a - b)[Math.ceil(share * all.length - 1e-9) - 1]!;
      expect(bucketOf(quantileMs(counts, share)!)).toBe(bucketOf(exact));
    }),
  );
});
