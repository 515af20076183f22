/** What every journal has to do. `start` gives one that is empty. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal, LaneJournal } from "../../src/journal/journal.ts";
import { SlotWriter } from "../../src/journal/slot.ts";
import { appendIds, eventsOf, failure, idsAfter, refusal, wireEvent } from "./support.ts";

export interface JournalFixture {
  journal: Journal;
  /** As if the daemon had been killed at this moment and started again. */
  kill(): Promise<Journal>;
  end(): Promise<void>;
}

export function journalContract(name: string, start: () => Promise<JournalFixture>): void {
  let fixture: JournalFixture;
  let journal: Journal;
  const kill = async () => {
    journal = await fixture.kill();
  };
  const open = (id = "notify", startSeq = 0) =>
    journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq });

  beforeEach(async () => {
    fixture = await start();
    journal = fixture.journal;
  });
  afterEach(() => fixture.end());

  describe(`${name}: the journal`, () => {
    test("is empty at first", async () => {
      expect(await journal.readerState()).toBeNull();
      expect(journal.head).toMatchObject({ firstSeq: 1, lastSeq: 0 });
      expect((await journal.read(0, 500)).entries).toEqual([]);
      expect(await journal.lanes()).toEqual([]);
      expect(await journal.ledger(1)).toEqual([]);
    });

    test("gives seqs without holes and leaves out ids it has", async () => {
      expect(await appendIds(journal, [5, 7, 5])).toEqual({ firstSeq: 1, lastSeq: 2, repeated: 1 });
      expect(await appendIds(journal, [7, 5])).toEqual({ firstSeq: 3, lastSeq: 2, repeated: 2 });
      expect(await appendIds(journal, [7, 6, 9])).toEqual({ firstSeq: 3, lastSeq: 4, repeated: 1 });
      const page = await journal.read(0, 500);
      expect(page.entries.map(({ seq, id }) => [seq, id])).toEqual([
        [1, 5],
        [2, 7],
        [3, 6],
        [4, 9],
      ]);
    });

    test("returns events as they were, from memory and after a kill", async () => {
      const event = wireEvent(3, { attribute_name: null, meta: { text: '"\u2028\\ 🎬' }, entity: null });
      await journal.append({
        events: [event],
        neverHappened: [],
        reader: { position: 3, gaps: [], generation: 1 },
      });
      expect(eventsOf(await journal.read(0, 1))).toEqual([event]);
      await kill();
      const page = await journal.read(0, 1);
      expect(eventsOf(page)).toEqual([event]);
      expect(page.entries[0]).toMatchObject({
        seq: 1,
        id: 3,
        event_type: event.event_type,
        attribute_name: null,
      });
      expect(await journal.find(3)).toEqual({ seq: 1, generation: 1, event });
    });

    test("keeps whole numbers that are longer than JavaScript's", async () => {
      const event = wireEvent(1, { meta: { new_value: 12345678901234567890n } });
      await journal.append({
        events: [event],
        neverHappened: [],
        reader: { position: 1, gaps: [], generation: 1 },
      });
      expect((await journal.find(1))!.event).toEqual(event);
      const { bytes } = await journal.read(0, 1);
      expect(new TextDecoder().decode(bytes)).toContain('"new_value":12345678901234567890}');
    });

    test("pages can be walked from any place, with any limit", async () => {
      const ids = Array.from({ length: 1203 }, (_, index) => index + 1);
      for (let at = 0; at < ids.length; at += 401) await appendIds(journal, ids.slice(at, at + 401));
      for (const limit of [1, 7, 500]) expect(await idsAfter(journal, 0, limit)).toEqual(ids);
      expect(await idsAfter(journal, 1100)).toEqual(ids.slice(1100));
      await kill();
      expect(await idsAfter(journal, 0)).toEqual(ids);
      expect(await idsAfter(journal, 1100, 3)).toEqual(ids.slice(1100));
    });

    test("a page given out does not change when the journal grows", async () => {
      await appendIds(journal, [1]);
      const page = await journal.read(0, 500);
      const before = page.bytes.slice();
      await appendIds(journal, [2, 3]);
      expect(page.entries).toHaveLength(1);
      expect(page.bytes).toEqual(before);
    });

    test("keeps the reader's state with the events", async () => {
      const reader = { position: 20, gaps: [{ first: 3, last: 19, waitedMs: 40 }], generation: 2 };
      await journal.append({ events: [wireEvent(20)], neverHappened: [{ first: 1, last: 2 }], reader });
      reader.gaps.push({ first: 1, last: 1, waitedMs: 0 });
      const expected = { position: 20, gaps: [{ first: 3, last: 19, waitedMs: 40 }], generation: 2 };
      expect(await journal.readerState()).toEqual(expected);
      await kill();
      expect(await journal.readerState()).toEqual(expected);
      expect(await journal.neverHappened(2)).toBe(true);
      expect(await journal.neverHappened(3)).toBe(false);
    });

    test("takes an id again in another generation", async () => {
      await appendIds(journal, [1, 2, 3]);
      expect(await appendIds(journal, [2, 3], [], 2)).toEqual({ firstSeq: 4, lastSeq: 5, repeated: 0 });
      expect(await journal.find(3)).toMatchObject({ seq: 5, generation: 2 });
      expect(await journal.find(1)).toMatchObject({ seq: 1, generation: 1 });
      expect(await journal.find(4)).toBeNull();
    });

    test("shows the newest events of a generation by id", async () => {
      await appendIds(journal, [1, 2, 9, 4]);
      await appendIds(journal, [3], [], 2);
      const found = await journal.newestById(1, 8, 2);
      expect(found.map(({ id }) => id)).toEqual([4, 2]);
      expect(found[0]!.event).toEqual(wireEvent(4));
      expect(await journal.newestById(2, 100, 10)).toHaveLength(1);
    });

    test("wakes those who wait for more", async () => {
      const never = new AbortController();
      const first = journal.appended(0, never.signal);
      const second = journal.appended(2, never.signal);
      await appendIds(journal, [1, 2]);
      await first;
      await journal.appended(1, never.signal);
      await appendIds(journal, [2, 3]);
      await second;
    });

    test("a wait ends with its signal's reason", async () => {
      const over = new AbortController();
      const waiting = journal.appended(0, over.signal);
      over.abort(new Error("enough"));
      await expect(waiting).rejects.toThrow("enough");
      await expect(journal.appended(0, over.signal)).rejects.toThrow("enough");
    });
  });

  describe(`${name}: a lane`, () => {
    let lane: LaneJournal;
    const reopen = async () => {
      await kill();
      lane = await open();
    };
    const writer = () => new SlotWriter(lane.slot.file, lane.slot.epoch);

    beforeEach(async () => {
      await appendIds(journal, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      lane = await open();
      await lane.register(["first", "second", "third"]);
    });

    test("begins where it is told, and later ones do not count", async () => {
      const other = await open("other", 4);
      expect(await other.cursor()).toEqual({ seq: 4, begun: null });
      await kill();
      expect(await (await open("other", 9)).cursor()).toEqual({ seq: 4, begun: null });
      const record = (await journal.lanes()).find(({ id }) => id === "other");
      expect(record).toMatchObject({
        startSeq: 4,
        path: "/plugins/other.ts",
        name: "other",
        state: "active",
      });
    });

    test("lanes opened at the same time keep apart", async () => {
      const lanes = await Promise.all(["a", "b", "c", "d"].map((id, index) => open(id, index)));
      await Promise.all(lanes.map((one, index) => one.advance(index + 5)));
      await lanes[0]!.setState("active", null);
      await kill();
      const seqs = Object.fromEntries((await journal.lanes()).map(({ id, cursor }) => [id, cursor.seq]));
      expect(seqs).toEqual({ notify: 0, a: 5, b: 6, c: 7, d: 8 });
    });

    test("goes where its slot says, also after a kill", async () => {
      const slot = writer();
      slot.begun(2, 0);
      expect(await lane.cursor()).toEqual({ seq: 1, begun: { seq: 2, finished: [] } });
      slot.begun(2, 2);
      await reopen();
      expect(await lane.cursor()).toEqual({ seq: 1, begun: { seq: 2, finished: ["first", "second"] } });
      slot.close();
    });

    test("goes on in a fresh slot", async () => {
      let slot = writer();
      slot.done(3);
      slot.close();
      await reopen();
      expect(await lane.cursor()).toEqual({ seq: 3, begun: null });
      slot = writer();
      slot.begun(4, 0);
      slot.done(4);
      slot.close();
      await reopen();
      expect(await lane.cursor()).toEqual({ seq: 4, begun: null });
    });

    test("an older host that still writes is not listened to", async () => {
      const old = writer();
      old.done(2);
      lane = await open();
      old.done(7);
      expect(await lane.cursor()).toEqual({ seq: 2, begun: null });
      // nor does it overwrite what the newer one writes
      const young = writer();
      young.done(3);
      young.done(4);
      for (const seq of [8, 9]) old.done(seq);
      expect(await lane.cursor()).toEqual({ seq: 4, begun: null });
      old.close();
      young.close();
    });

    test("keeps what had finished when callbacks are registered in another order", async () => {
      const slot = writer();
      slot.begun(4, 1);
      await lane.register(["second", "first"]);
      expect(await lane.cursor()).toEqual({ seq: 3, begun: { seq: 4, finished: ["first"] } });
      // the next host begins the event again; "second" is called and finishes
      slot.begun(4, 0);
      slot.begun(4, 1);
      await reopen();
      const { begun } = await lane.cursor();
      expect(begun?.finished.toSorted()).toEqual(["first", "second"]);
      slot.close();
    });

    test("advances, never backwards, and over an event that had begun", async () => {
      const slot = writer();
      slot.begun(3, 1);
      await lane.advance(2);
      expect(await lane.cursor()).toEqual({ seq: 2, begun: { seq: 3, finished: ["first"] } });
      await lane.advance(6);
      await lane.advance(5);
      expect(await lane.cursor()).toEqual({ seq: 6, begun: null });
      slot.done(4);
      expect(await lane.cursor()).toEqual({ seq: 6, begun: null });
      slot.begun(8, 0);
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
      slot.begun(5, 1);
      await lane.setState("failed", failure(5, { callback: "second" }), ["first", "third"]);
      await reopen();
      const record = (await journal.lanes())[0]!;
      expect(record).toMatchObject({ state: "failed", failure: failure(5, { callback: "second" }) });
      expect(record.cursor.seq).toBe(4);
      expect(record.cursor.begun?.finished.toSorted()).toEqual(["first", "third"]);
      await lane.setState("active", null);
      expect((await journal.lanes())[0]).toMatchObject({ state: "active", failure: null });
      expect((await lane.cursor()).begun?.finished.toSorted()).toEqual(["first", "third"]);
      slot.close();
    });

    test("a failure between two events does not move the cursor back", async () => {
      const slot = writer();
      slot.done(5);
      await lane.setState("failed", failure(5, { callback: null }), []);
      expect(await lane.cursor()).toEqual({ seq: 5, begun: null });
      slot.close();
    });

    test("moves with its file", async () => {
      await lane.relocate("/elsewhere/notify.ts");
      await kill();
      expect((await journal.lanes())[0]).toMatchObject({ path: "/elsewhere/notify.ts" });
    });

    test("a newer owner fences the older one", async () => {
      const newer = await open();
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

  describe(`${name}: the ledger`, () => {
    const outcomes = async (id: number) =>
      Object.fromEntries((await journal.ledger(id)).map(({ lane, outcome }) => [lane, outcome]));

    test("accounts for every event and lane", async () => {
      await appendIds(journal, [101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
      await journal.append({
        events: [],
        neverHappened: [{ first: 90, last: 99 }],
        reader: { position: 110, gaps: [], generation: 1 },
      });
      const lane = await open("notify");
      const late = await open("late", 5);
      await lane.handOver({ from: 1, to: 6, matched: [1, 3, 4, 6] });
      await lane.record({ kind: "failed", failure: failure(3) });
      await lane.record({ kind: "skipped", failure: failure(4) });
      const slot = new SlotWriter(lane.slot.file, lane.slot.epoch);
      slot.done(4);
      slot.close();
      await lane.advance(5);
      await late.advance(6);
      await late.handOver({ from: 7, to: 10, matched: [] });
      await kill();
      expect(await outcomes(101)).toEqual({ notify: "delivered", late: "before_start" });
      expect(await outcomes(102)).toEqual({ notify: "filtered", late: "before_start" });
      expect(await outcomes(103)).toEqual({ notify: "failed", late: "before_start" });
      expect(await outcomes(104)).toEqual({ notify: "skipped", late: "before_start" });
      expect(await outcomes(105)).toEqual({ notify: "filtered", late: "before_start" });
      expect(await outcomes(106)).toEqual({ notify: "waiting", late: "filtered" });
      expect(await outcomes(95)).toEqual({ notify: "never_happened", late: "never_happened" });
      expect(await outcomes(7)).toEqual({});
      expect((await journal.ledger(103))[0]).toMatchObject({ name: "notify", failures: [failure(3)] });
    });

    test("a lane that stopped at an event says so until it is past it", async () => {
      await appendIds(journal, [1, 2]);
      const lane = await open();
      await lane.handOver({ from: 1, to: 2, matched: [1, 2] });
      await lane.setState("failed", failure(1), []);
      expect(await journal.ledger(1)).toMatchObject([{ outcome: "failed", failures: [failure(1)] }]);
      expect(await outcomes(2)).toEqual({ notify: "waiting" });
      await lane.setState("active", null);
      expect(await outcomes(1)).toEqual({ notify: "waiting" });
      await lane.advance(1);
      expect(await outcomes(1)).toEqual({ notify: "delivered" });
    });

    test("a run handed over again counts as the last time", async () => {
      await appendIds(journal, [1, 2, 3, 4]);
      const lane = await open();
      await lane.handOver({ from: 1, to: 4, matched: [1, 2, 3] });
      await lane.handOver({ from: 2, to: 4, matched: [4] });
      await lane.advance(4);
      const found = await Promise.all([1, 2, 3, 4].map(outcomes));
      expect(found.map(({ notify }) => notify)).toEqual(["delivered", "filtered", "filtered", "delivered"]);
    });
  });
}
