import { describe, expect, test } from "vitest";
import type { Heir, IdRange, Inheritance } from "../../../src/journal/journal.ts";
import type { Subject } from "../contract.ts";
import { appendIds, hostOf, idsAfter } from "../support.ts";

export function inheritTests(it: Subject): void {
  describe("going on after another daemon", () => {
    const inherit = (position: number, heirs: Heir[], gaps: IdRange[] = []) =>
      it.journal.inherit({ reader: { position, gaps }, lanes: heirs });

    /** The ids of the journal that a lane is still to get, by its cursor and what it had before. */
    const left = async (id: string) => {
      const lane = await it.open(id);
      const { seq } = await lane.cursor();
      const page = await it.journal.read(seq, 500);
      return page.entries.filter((entry) => !lane.hadBefore(entry)).map((entry) => entry.id);
    };

    const outcomes = async (id: number) =>
      Object.fromEntries((await it.journal.ledger(id)).map(({ lane, outcome }) => [lane, outcome]));

    test("each lane has its own events before it, also after a kill", async () => {
      const told = await inherit(
        100,
        [heir("low", 100, [[98, 99]]), heir("high", 105, [[102, 102]])],
        [r(98, 99)],
      );
      expect(told).toEqual([begun("low", 100), begun("high", 105)]);
      expect(await it.journal.readerState()).toEqual({
        position: 100,
        gaps: [{ first: 98, last: 99, waitedMs: 0 }],
        generation: 1,
      });
      await it.kill();
      expect((await it.journal.readerState())?.position).toBe(100);
      await appendIds(it.journal, [101, 103, 104, 105, 106, 99, 102]);
      await it.kill();
      expect(await left("low")).toEqual([101, 103, 104, 105, 106, 99, 102]);
      expect(await left("high")).toEqual([106, 102]);
      expect(await outcomes(103)).toEqual({ low: "waiting", high: "had_before" });
      expect(await outcomes(102)).toEqual({ low: "waiting", high: "waiting" });
      expect(await outcomes(99)).toEqual({ low: "waiting", high: "had_before" });
      // of what was before the journal, too
      expect(await outcomes(97)).toEqual({ low: "had_before", high: "had_before" });
      expect(await outcomes(98)).toEqual({ high: "had_before" });
    });

    test("whoever looked at the journal before goes on with it", async () => {
      await it.journal.retain({ maxAgeMs: 1000, maxBytes: 1e9 });
      await inherit(100, [heir("notify", 100)]);
      await appendIds(it.journal, [101, 102]);
      expect(await left("notify")).toEqual([101, 102]);
    });

    test("what was had stays so in the ledger, and what is delivered is told as such", async () => {
      await inherit(100, [heir("notify", 102)]);
      await appendIds(it.journal, [101, 102, 103, 104]);
      const lane = await it.open("notify");
      await lane.handOver({ from: 1, to: 4, matched: [3] });
      await lane.advance(4);
      const found = await Promise.all([101, 102, 103, 104].map(outcomes));
      expect(found.map(({ notify }) => notify)).toEqual([
        "had_before",
        "had_before",
        "delivered",
        "filtered",
      ]);
    });

    test("a second time changes nothing", async () => {
      const heirs = [heir("notify", 105, [[102, 102]]), heir("fresh", null)];
      await inherit(105, heirs, [r(102, 102)]);
      const before = { lanes: await it.journal.lanes(), reader: await it.journal.readerState() };
      expect(await inherit(400, heirs)).toEqual([kept("notify", 105), kept("fresh", null)]);
      expect({ lanes: await it.journal.lanes(), reader: await it.journal.readerState() }).toEqual(before);
    });

    test("never goes back, also when the other daemon's place did", async () => {
      await inherit(105, [heir("notify", 105, [[102, 103]])], [r(102, 103)]);
      // the Python daemon's cursor falls back to a late event
      expect(await inherit(102, [heir("notify", 102)])).toEqual([kept("notify", 105)]);
      await appendIds(it.journal, [102, 103, 106]);
      expect(await left("notify")).toEqual([103, 106]);
    });

    test("goes forward when the other daemon went on", async () => {
      await inherit(105, [heir("notify", 105, [[102, 102]])], [r(102, 102)]);
      await appendIds(it.journal, [106, 107, 109]);
      const lane = await it.open("notify");
      await lane.handOver({ from: 1, to: 1, matched: [1] });
      const slot = hostOf(lane);
      await slot.done(1);
      slot.close();
      const told = await inherit(110, [
        heir("notify", 110, [
          [102, 102],
          [108, 108],
        ]),
      ]);
      expect(told).toEqual([{ ...kept("notify", 110), outcome: "raised" }]);
      await it.kill();
      await appendIds(it.journal, [110, 108, 102, 111]);
      expect(await left("notify")).toEqual([108, 102, 111]);
      expect(await outcomes(106)).toEqual({ notify: "delivered" });
      expect(await outcomes(107)).toEqual({ notify: "had_before" });
      expect((await it.journal.readerState())?.position).toBe(111);
    });

    test("a lane that came further by itself keeps its place", async () => {
      await inherit(100, [heir("notify", 100)]);
      await appendIds(it.journal, [101, 102, 103]);
      await (await it.open("notify")).advance(2);
      expect(await inherit(100, [heir("notify", 101)])).toEqual([kept("notify", 102)]);
      expect(await left("notify")).toEqual([103]);
    });

    test("ids of a restored site are new events", async () => {
      await inherit(100, [heir("notify", 105)]);
      await appendIds(it.journal, [101, 102, 103]);
      await appendIds(it.journal, [102, 103, 104], [], 2);
      expect(await left("notify")).toEqual([102, 103, 104]);
    });

    test("a lane that nobody fed begins with what comes next", async () => {
      await inherit(100, [heir("fresh", null)]);
      await appendIds(it.journal, [101]);
      expect(await left("fresh")).toEqual([101]);
      expect(await inherit(100, [heir("later", null)])).toEqual([begun("later", null)]);
      await appendIds(it.journal, [102]);
      expect(await left("later")).toEqual([102]);
      expect(await outcomes(101)).toMatchObject({ later: "before_start" });
    });

    test("one that began behind what the other daemon had is told as such", async () => {
      const { had, ...rest } = heir("fresh", 102, [[101, 101]]);
      await inherit(100, [heir("old", 100), { ...rest, had: { ...had!, as: "before_start" } }]);
      await appendIds(it.journal, [102, 103, 101]);
      expect(await left("fresh")).toEqual([103, 101]);
      expect(await outcomes(102)).toEqual({ old: "waiting", fresh: "before_start" });
      expect(await outcomes(90)).toEqual({ old: "had_before", fresh: "before_start" });
    });

    test("an operator who takes it back gets the events again that it had before", async () => {
      await inherit(100, [heir("notify", 103)]);
      await appendIds(it.journal, [101, 102, 103, 104]);
      const lane = await it.open("notify");
      await lane.advance(4);
      const note = { at: "2026-11-01T08:00:00Z", by: "zoe", why: "once more" };
      await lane.moveCursor({ from: 4, to: 1 }, note);
      await it.kill();
      expect(await left("notify")).toEqual([102, 103, 104]);
      expect(await outcomes(102)).toEqual({ notify: "waiting" });
    });

    test("a lane that comes to a journal that is there gets what it still lacks, and is told what is gone", async () => {
      await appendIds(it.journal, [201, 202, 203, 204]);
      const told = await inherit(150, [heir("near", 202), heir("far", 150)]);
      expect(told).toEqual([begun("near", 202), { ...begun("far", 150), unreachable: r(151, 200) }]);
      await it.open("waiting");
      const raised = { ...begun("waiting", 180), outcome: "raised", unreachable: r(181, 200) };
      expect(await inherit(180, [heir("waiting", 180)])).toEqual([raised]);
      expect(await left("near")).toEqual([203, 204]);
      expect(await left("far")).toEqual([201, 202, 203, 204]);
      expect(await idsAfter(it.journal, 0)).toEqual([201, 202, 203, 204]);
    });
  });
}

const r = (first: number, last: number): IdRange => ({ first, last });

function heir(id: string, lastId: number | null, pending: [number, number][] = []): Heir {
  const ranges = pending.map(([first, last]) => ({ first, last }));
  const had = lastId === null ? null : { lastId, pending: ranges, as: "had_before" as const };
  return { id, path: `/plugins/${id}.ts`, name: id, had };
}

function begun(id: string, lastId: number | null): Inheritance {
  return { path: `/plugins/${id}.ts`, outcome: "begun", lastId, unreachable: null };
}

function kept(id: string, lastId: number | null): Inheritance {
  return { ...begun(id, lastId), outcome: "kept" };
}
