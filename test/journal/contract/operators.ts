/** What operators do to lanes. */
import { beforeEach, describe, expect, test } from "vitest";
import type { LaneJournal, OperatorNote } from "../../../src/journal/journal.ts";
import type { Subject } from "../contract.ts";
import { appendIds, failure, hostOf } from "../support.ts";

const NOTE: OperatorNote = { by: "zoe@desk", why: "the shot is gone", at: "2026-11-01T08:00:00.000Z" };

export function operatorTests(it: Subject): void {
  describe("operators", () => {
    let lane: LaneJournal;
    const record = async () => (await it.journal.lanes())[0]!;
    const outcome = async (id: number) => (await it.journal.ledger(id))[0]!;
    const writer = () => hostOf(lane);

    beforeEach(async () => {
      await appendIds(it.journal, [101, 102, 103, 104, 105, 106, 107, 108]);
      lane = await it.open();
      await lane.register(["first", "second"]);
      await lane.handOver({ from: 1, to: 8, matched: [1, 2, 3, 5, 6] });
    });

    test("a pause is kept, whatever happens to the lane, until it ends", async () => {
      expect((await record()).paused).toBe(null);
      await lane.setPaused(NOTE);
      await it.kill();
      expect((await record()).paused).toEqual(NOTE);
      lane = await it.open();
      expect(lane.paused).toEqual(NOTE);
      await lane.setState("failed", failure(1), []);
      await lane.setPaused(null);
      await it.kill();
      expect(await record()).toMatchObject({ paused: null, state: "failed" });
    });

    test("an event passed over is skipped by the operator, and nothing else is", async () => {
      const slot = writer();
      await slot.begun(2, 1);
      await lane.setState("failed", failure(2, { callback: "second" }), ["first"]);
      expect(await lane.moveCursor({ from: 1, to: 2 }, NOTE)).toBe(true);
      slot.close();
      await it.kill();
      expect((await record()).cursor).toEqual({ seq: 2, begun: null });
      expect(await outcome(101)).toMatchObject({ outcome: "delivered", operator: null });
      expect(await outcome(102)).toMatchObject({ outcome: "skipped", operator: NOTE });
      expect(await outcome(103)).toMatchObject({ outcome: "waiting", operator: null });
    });

    test("a cursor that is elsewhere is left alone", async () => {
      const slot = writer();
      await slot.done(3);
      slot.close();
      expect(await lane.moveCursor({ from: 2, to: 8 }, NOTE)).toBe(false);
      expect(await lane.cursor()).toEqual({ seq: 3, begun: null });
      expect(await outcome(107)).toMatchObject({ outcome: "waiting" });
    });

    test("going back makes events wait again, marked, and forgets what was recorded of them", async () => {
      const slot = writer();
      await lane.record({ kind: "failed", failure: failure(3) });
      await slot.done(3);
      await lane.moveCursor({ from: 3, to: 5 }, NOTE);
      expect(await lane.moveCursor({ from: 5, to: 1 }, NOTE)).toBe(true);
      await it.kill();
      expect((await record()).cursor).toEqual({ seq: 1, begun: null, doubtfulTo: 5 });
      for (const id of [102, 103, 104]) expect((await outcome(id)).outcome).toBe("waiting");
      expect(await it.journal.failureGroups(10)).toEqual([]);
      // the slot's old record does not count any more, a new one does
      lane = await it.open();
      const next = writer();
      await next.done(3);
      expect((await lane.cursor()).seq).toBe(3);
      expect(await outcome(103)).toMatchObject({ outcome: "delivered", failures: [], operator: null });
      for (const each of [slot, next]) each.close();
    });

    test("going back into a range that was passed over keeps the part before", async () => {
      await lane.moveCursor({ from: 0, to: 4 }, NOTE);
      await lane.moveCursor({ from: 4, to: 2 }, NOTE);
      await lane.advance(8);
      const found = await it.journal.ledgers([101, 102, 103, 104, 99]);
      expect([101, 102, 103, 104].map((id) => found.get(id)![0]!.outcome)).toEqual([
        "skipped",
        "skipped",
        "delivered",
        "filtered",
      ]);
      expect(found.get(99)).toEqual([]);
    });

    test("a lane may be taken back to before its start", async () => {
      const late = await it.open("late", 6);
      await late.moveCursor({ from: 6, to: 2 }, NOTE);
      const answers = await it.journal.ledgers([102, 103]);
      expect(answers.get(102)![1]).toMatchObject({ lane: "late", outcome: "before_start" });
      expect(answers.get(103)![1]).toMatchObject({ lane: "late", outcome: "waiting" });
    });

    test("what is done is listed by the step that does it, and what is not done is not", async () => {
      const listed = (action: string) => ({ action: { ...NOTE, action, plugin: "notify", detail: "" } });
      await lane.setPaused(NOTE, listed("pause"));
      expect(await lane.moveCursor({ from: 2, to: 8 }, NOTE, listed("refused"))).toBe(false);
      expect(await lane.moveCursor({ from: 0, to: 4 }, NOTE, listed("forward"))).toBe(true);
      expect(await lane.moveCursor({ from: 4, to: 2 }, NOTE, listed("rewind"))).toBe(true);
      await lane.setPaused(null, listed("resume"));
      await it.kill();
      const found = await it.journal.actions(9);
      expect(found.map(({ action }) => action)).toEqual(["resume", "rewind", "forward", "pause"]);
      expect(found.at(-1)).toEqual(listed("pause").action);
    });

    test("lists what was recorded, given up and done, newest first", async () => {
      await lane.record({ kind: "failed", failure: failure(1) });
      await lane.record({ kind: "skipped", failure: failure(2) });
      for (const first of [50, 60]) {
        const reader = { position: 108, gaps: [], generation: 1 };
        await it.journal.append({ events: [], neverHappened: [{ first, last: first + 2 }], reader });
      }
      for (const action of ["pause", "skip"])
        await it.journal.recordAction({ ...NOTE, action, plugin: "notify", detail: "event 102" });
      await it.kill();
      expect((await it.journal.neverRanges(5)).map(({ first, last }) => [first, last])).toEqual([
        [60, 62],
        [50, 52],
      ]);
      expect((await it.journal.actions(5)).map(({ action, by }) => [action, by])).toEqual([
        ["skip", NOTE.by],
        ["pause", NOTE.by],
      ]);
    });
  });
}
