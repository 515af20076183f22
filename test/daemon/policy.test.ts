import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/daemon/pause.ts";
import { Attempts, decide, laneFailure } from "../../src/daemon/policy.ts";

const never = { stopOnError: true, retry: { attempts: 0, backoffMs: 1000 } };
const twice = { stopOnError: true, retry: { attempts: 2, backoffMs: 1000 } };
const tolerant = { ...never, stopOnError: false };
const none = { kind: "none" } as const;
const noJitter = () => 0;

describe("decide", () => {
  it("stops at the first failure without a retry policy, or records it with stopOnError: false", () => {
    expect(decide(never, 1, none)).toEqual({ kind: "stop" });
    expect(decide(tolerant, 1, none)).toEqual({ kind: "record", outcome: "failed" });
  });

  it("repeats as often as the policy says, each pause twice the one before, then stops or records", () => {
    expect(decide(twice, 1, none, noJitter)).toEqual({ kind: "retry", waitMs: 1000, attempt: 1, of: 2 });
    expect(decide(twice, 2, none, noJitter)).toEqual({ kind: "retry", waitMs: 2000, attempt: 2, of: 2 });
    expect(decide(twice, 3, none)).toEqual({ kind: "stop" });
    expect(decide({ ...twice, stopOnError: false }, 3, none)).toEqual({ kind: "record", outcome: "failed" });
  });

  it("does what the thrown value asks for", () => {
    expect(decide(tolerant, 1, { kind: "stop" })).toEqual({ kind: "stop" });
    expect(decide(never, 1, { kind: "skip" })).toEqual({ kind: "record", outcome: "skipped" });
    expect(decide(never, 99, { kind: "retry", delayMs: 5 })).toEqual({
      kind: "retry",
      waitMs: 5,
      attempt: 99,
      of: null,
    });
    expect(decide(twice, 2, { kind: "retry", delayMs: 5 })).toEqual({
      kind: "retry",
      waitMs: 5,
      attempt: 2,
      of: 2,
    });
    expect(decide(twice, 3, { kind: "retry", delayMs: 5 })).toEqual({ kind: "stop" });
  });
});

describe("backoffMs", () => {
  it("doubles up to the cap and takes off at most half", () => {
    const backoff = { firstMs: 100, maxMs: 1000 };
    expect([1, 2, 3, 4, 5, 50].map((n) => backoffMs(n, backoff, noJitter))).toEqual([
      100, 200, 400, 800, 1000, 1000,
    ]);
    expect(backoffMs(3, backoff, () => 1)).toBe(200);
  });
});

describe("Attempts", () => {
  it("counts calls of one callback for one event", () => {
    const attempts = new Attempts();
    expect([
      attempts.failed(7, "a"),
      attempts.failed(7, "a"),
      attempts.failed(7, "b"),
      attempts.failed(8, "b"),
    ]).toEqual([1, 2, 1, 1]);
  });
});

it.each([
  ["ValueError", "no", "ValueError: no"],
  ["KeyboardInterrupt", "", "KeyboardInterrupt"],
  ["Error", "no", "no"],
  ["", "no", "no"],
])("a failure is told of by what was thrown: %s, %s", (name, message, told) => {
  const at = { seq: 1, eventId: 2, callback: "on", attempts: 1 };
  expect(laneFailure(at, "CALLBACK_FAILED", { name, message, stack: null }, []).message).toBe(told);
});
