import { beforeEach, describe, expect, test } from "vitest";
import type { LaneJournal } from "../../../src/journal/journal.ts";
import type { Subject } from "../contract.ts";
import { appendIds, failure, hostOf, refusal } from "../support.ts";

export function laneTests(it: Subject): void {
  describe("a lane", () => {
    let lane: LaneJournal;
    const reopen = async () => {
      await it.kill();
      lane = await it.open();
    };
    const writer = () => hostOf(lane);

    beforeEach(async () => {
      await appendIds(it.journal, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      lane = await it.open();
      await lane.register(["first", "second", "third"]);
    });

    test("begins where it is told, and later ones do not count", async () => {
      const other = await it.open("other", 4);
      expect(await other.cursor()).toEqual({ seq: 4, begun: null });
      await it.kill();
      expect(await (await it.open("other", 9)).cursor()).toEqual({ seq: 4, begun: null });
      const record = (await it.journal.lanes()).find(({ id }) => id === "other");
      expect(record).toMatchObject({
        startSeq: 4,
        path: "/plugins/other.ts",
        name: "other",
        state: "active",
      });
    });

    test("lanes opened at the same time keep apart", async () => {
      const lanes = await Promise.all(["a", "b", "c", "d"].map((id, index) => it.open(id, index)));
      await Promise.all(lanes.map((one, index) => one.advance(index + 5)));
      await Promise.all(lanes.map((one) => one.setState("active", null)));
      await it.kill();
      const seqs = Object.fromEntries((await it.journal.lanes()).map(({ id, cursor }) => [id, cursor.seq]));
      expect(seqs).toEqual({ notify: 0, a: 5, b: 6, c: 7, d: 8 });
    });

    test("goes where its slot says, also after a kill", async () => {
      const slot = writer();
      await slot.begun(2, 0);
      expect(await lane.cursor()).toEqual({ seq: 1, begun: { seq: 2, finished: [] } });
      await slot.begun(2, 2);
      await reopen();
      expect(await lane.cursor()).toEqual({ seq: 1, begun: { seq: 2, finished: ["first", "second"] } });
      slot.close();
    });

    test("goes on in a fresh slot", async () => {
      let slot = writer();
      await slot.done(3);
      slot.close();
      await reopen();
      expect(await lane.cursor()).toEqual({ seq: 3, begun: null });
      slot = writer();
      await slot.begun(4, 0);
      await slot.done(4);
      slot.close();
      await reopen();
      expect(await lane.cursor()).toEqual({ seq: 4, begun: null });
    });

    test("an older host that still writes is not listened to", async () => {
      const old = writer();
      await old.done(2);
      lane = await it.open();
      await old.done(7);
      expect(await lane.cursor()).toEqual({ seq: 2, begun: null });
      // nor does it overwrite what the newer one writes
      const young = writer();
      await young.done(3);
      await young.done(4);
      for (const seq of [8, 9]) await old.done(seq);
      expect(await lane.cursor()).toEqual({ seq: 4, begun: null });
      old.close();
      young.close();
    });

    test("keeps what had finished when callbacks are registered in another order", async () => {
      const slot = writer();
      await slot.begun(4, 1);
      await lane.register(["second", "first"]);
      expect(await lane.cursor()).toEqual({ seq: 3, begun: { seq: 4, finished: ["first"] } });
      // the next host begins the event again; "second" is called and finishes
      await slot.begun(4, 0);
      await slot.begun(4, 1);
      await reopen();
      const { begun } = await lane.cursor();
      expect(begun?.finished.toSorted()).toEqual(["first", "second"]);
      slot.close();
    });

    test("advances, never backwards, and over an event that had begun", async () => {
      const slot = writer();
      await slot.begun(3, 1);
      await lane.advance(2);
      expect(await lane.cursor()).toEqual({ seq: 2, begun: { seq: 3, finished: ["first"] } });
      await lane.advance(6);
      await lane.advance(5);
      expect(await lane.cursor()).toEqual({ seq: 6, begun: null });
      await slot.done(4);
      expect(await lane.cursor()).toEqual({ seq: 6, begun: null });
      await slot.begun(8, 0);
      expect(await lane.cursor()).toEqual({ seq: 7, begun: { seq: 8, finished: [] } });
      slot.close();
    });

    test("does not go beyond the journal", async () => {
      expect(await refusal(lane.advance(11))).toMatchObject({ code: "INTERNAL" });
      expect(await refusal(lane.handOver({ from: 9, to: 11, matched: [] }))).toMatchObject({
        code: "INTERNAL",
      });
      expect(await refusal(lane.handOver({ from: 2, to: 5, matched: [6] }))).toMatchObject({
        code: "INTERNAL",
      });
    });

    test("an advance is stored with an orderly close or with the next hand-over", async () => {
      await lane.advance(5);
      await lane.handOver({ from: 6, to: 6, matched: [6] });
      await reopen();
      expect(await lane.cursor()).toEqual({ seq: 5, begun: null });
    });

    test("stops at its failing event and remembers what had finished it", async () => {
      const slot = writer();
      await slot.begun(5, 1);
      await lane.setState("failed", failure(5, { callback: "second" }), ["first", "third"]);
      await reopen();
      const record = (await it.journal.lanes())[0]!;
      expect(record).toMatchObject({ state: "failed", failure: failure(5, { callback: "second" }) });
      expect(record.cursor.seq).toBe(4);
      expect(record.cursor.begun?.finished.toSorted()).toEqual(["first", "third"]);
      await lane.setState("active", null);
      expect((await it.journal.lanes())[0]).toMatchObject({ state: "active", failure: null });
      expect((await lane.cursor()).begun?.finished.toSorted()).toEqual(["first", "third"]);
      slot.close();
    });

    test("a failure between two events does not move the cursor back", async () => {
      const slot = writer();
      await slot.done(5);
      await lane.setState("failed", failure(5, { callback: null }), []);
      expect(await lane.cursor()).toEqual({ seq: 5, begun: null });
      slot.close();
    });

    test("moves with its file", async () => {
      await lane.relocate("/elsewhere/notify.ts");
      await it.kill();
      expect((await it.journal.lanes())[0]).toMatchObject({ path: "/elsewhere/notify.ts" });
    });

    test("a newer owner fences the older one", async () => {
      const newer = await it.open();
      expect(newer.epoch).toBeGreaterThan(lane.epoch);
      const writes = [
        () => lane.register([]),
        () => lane.handOver({ from: 1, to: 1, matched: [1] }),
        () => lane.advance(3),
        () => lane.record({ kind: "failed", failure: failure(1) }),
        () => lane.setState("absent", null),
        () => lane.relocate("/nowhere"),
      ];
      for (const write of writes) expect(await refusal(write())).toMatchObject({ code: "STATE_LOCKED" });
      expect(await newer.cursor()).toEqual({ seq: 0, begun: null });
    });
  });
}
