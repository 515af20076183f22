/** How a plugin that runs again catches up. */
import { expect, test } from "vitest";
import { CatchUps } from "../../src/daemon/catch-ups.ts";
import type { HappeningBody } from "../../src/daemon/happenings.ts";

const NOTIFY = { plugin: "notify", lane: "notify-0a1b2c3d" };

function following() {
  let now = 0;
  const catchUps = new CatchUps(() => now);
  const hear = (body: HappeningBody) => catchUps.hear({ ...body, at: "" });
  const recovered = (events: number, untilSeq: number, doneSeq = untilSeq - events, forMs = 0) =>
    hear({
      kind: "recovered",
      failure: null,
      backlog: untilSeq - doneSeq,
      again: { events, untilSeq, doneSeq, forMs },
      ...NOTIFY,
    });
  const delivered = (seq: number) =>
    hear({ kind: "delivered", calls: 1, busyMs: 1, seq, recent: [], ...NOTIFY });
  const pass = (ms: number) => {
    now += ms;
  };
  return { catchUps, recovered, delivered, pass };
}

test("says how long it will take, by its pace so far, and how long it took", () => {
  const { catchUps, recovered, delivered, pass } = following();
  expect(catchUps.of("notify", { doneSeq: 0, backlog: 9 })).toBe(null);
  recovered(1000, 1500);
  expect(catchUps.of("notify", { doneSeq: 500, backlog: 1000 })).toEqual({
    events: 1000,
    isDone: false,
    ms: null,
  });
  pass(10_000);
  delivered(750);
  // 250 in 10 s; meanwhile 250 have come
  expect(catchUps.of("notify", { doneSeq: 750, backlog: 1000 })).toEqual({
    events: 1000,
    isDone: false,
    ms: 40_000,
  });
  pass(30_000);
  delivered(1500);
  pass(5000);
  expect(catchUps.of("notify", { doneSeq: 1600, backlog: 3 })).toEqual({
    events: 1000,
    isDone: true,
    ms: 40_000,
  });
});

test("events that nobody wants are caught up with too", () => {
  const { catchUps, recovered, pass } = following();
  recovered(3, 10);
  pass(2000);
  expect(catchUps.of("notify", { doneSeq: 10, backlog: 0 })).toEqual({ events: 3, isDone: true, ms: 2000 });
});

test("what was caught up with before anybody knew counts from when it ran again", () => {
  const { catchUps, recovered } = following();
  recovered(3, 10, 10, 700);
  expect(catchUps.of("notify", { doneSeq: 10, backlog: 0 })).toEqual({ events: 3, isDone: true, ms: 700 });
});
