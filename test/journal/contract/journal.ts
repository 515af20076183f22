import { describe, expect, test } from "vitest";
import type { Subject } from "../contract.ts";
import { appendIds, eventsOf, idsAfter, wireEvent } from "../support.ts";

export function journalTests(it: Subject): void {
  describe("the journal", () => {
    test("is empty at first", async () => {
      expect(await it.journal.readerState()).toBeNull();
      expect(it.journal.head).toMatchObject({ firstSeq: 1, lastSeq: 0 });
      expect((await it.journal.read(0, 500)).entries).toEqual([]);
      expect(await it.journal.lanes()).toEqual([]);
      expect(await it.journal.ledger(1)).toEqual([]);
    });

    test("gives seqs without holes and leaves out ids it has", async () => {
      expect(await appendIds(it.journal, [5, 7, 5])).toEqual({ firstSeq: 1, lastSeq: 2, repeated: 1 });
      expect(await appendIds(it.journal, [7, 5])).toEqual({ firstSeq: 3, lastSeq: 2, repeated: 2 });
      expect(await appendIds(it.journal, [7, 6, 9])).toEqual({ firstSeq: 3, lastSeq: 4, repeated: 1 });
      const page = await it.journal.read(0, 500);
      expect(page.entries.map(({ seq, id }) => [seq, id])).toEqual([
        [1, 5],
        [2, 7],
        [3, 6],
        [4, 9],
      ]);
    });

    test("returns events as they were, from memory and after a kill", async () => {
      const event = wireEvent(3, { attribute_name: null, meta: { text: '"\u2028\\ 🎬' }, entity: null });
      await it.journal.append({
        events: [event],
        neverHappened: [],
        reader: { position: 3, gaps: [], generation: 1 },
      });
      expect(eventsOf(await it.journal.read(0, 1))).toEqual([event]);
      await it.kill();
      const page = await it.journal.read(0, 1);
      expect(eventsOf(page)).toEqual([event]);
      expect(page.entries[0]).toMatchObject({
        seq: 1,
        id: 3,
        event_type: event.event_type,
        attribute_name: null,
      });
      expect(await it.journal.find(3)).toEqual({ seq: 1, generation: 1, event });
    });

    test("keeps whole numbers that are longer than JavaScript's", async () => {
      const event = wireEvent(1, { meta: { new_value: 12345678901234567890n } });
      await it.journal.append({
        events: [event],
        neverHappened: [],
        reader: { position: 1, gaps: [], generation: 1 },
      });
      expect((await it.journal.find(1))!.event).toEqual(event);
      const { bytes } = await it.journal.read(0, 1);
      expect(new TextDecoder().decode(bytes)).toContain('"new_value":12345678901234567890}');
    });

    test("gives events by their id, whatever their place, and the ids that never happened", async () => {
      await appendIds(it.journal, [5, 9, 7, 12]);
      await it.journal.append({
        events: [],
        neverHappened: [
          { first: 10, last: 11 },
          { first: 6, last: 6 },
        ],
        reader: { position: 12, gaps: [], generation: 1 },
      });
      const { byId } = it.journal;
      const idsOf = async (after: number, to: number, limit = 500, generation = 1) =>
        (await byId.page({ generation, after, to }, limit)).entries.map(({ id }) => id);
      expect(await idsOf(0, 100)).toEqual([5, 7, 9, 12]);
      expect(await idsOf(5, 9)).toEqual([7, 9]);
      expect(await idsOf(0, 100, 2)).toEqual([5, 7]);
      expect(await idsOf(0, 100, 500, 2)).toEqual([]);
      const page = await byId.page({ generation: 1, after: 6, to: 9 }, 500);
      expect(eventsOf(page).map(({ id }) => id)).toEqual([7, 9]);
      expect(page.entries.map(({ seq }) => seq)).toEqual([3, 2]);
      expect(await byId.never({ generation: 1, first: 1, last: 10 })).toEqual([
        { first: 6, last: 6 },
        { first: 10, last: 10 },
      ]);
      expect(await byId.never({ generation: 1, first: 7, last: 9 })).toEqual([]);
    });

    test("pages can be walked from any place, with any limit", async () => {
      const ids = Array.from({ length: 1203 }, (_, index) => index + 1);
      for (let at = 0; at < ids.length; at += 401) await appendIds(it.journal, ids.slice(at, at + 401));
      for (const limit of [1, 7, 500]) expect(await idsAfter(it.journal, 0, limit)).toEqual(ids);
      expect(await idsAfter(it.journal, 1100)).toEqual(ids.slice(1100));
      await it.kill();
      expect(await idsAfter(it.journal, 0)).toEqual(ids);
      expect(await idsAfter(it.journal, 1100, 3)).toEqual(ids.slice(1100));
    });

    test("a page given out does not change when the journal grows", async () => {
      await appendIds(it.journal, [1]);
      const page = await it.journal.read(0, 500);
      const before = page.bytes.slice();
      await appendIds(it.journal, [2, 3]);
      expect(page.entries).toHaveLength(1);
      expect(page.bytes).toEqual(before);
    });

    test("keeps the reader's state with the events", async () => {
      const reader = { position: 20, gaps: [{ first: 3, last: 19, waitedMs: 40 }], generation: 2 };
      await it.journal.append({ events: [wireEvent(20)], neverHappened: [{ first: 1, last: 2 }], reader });
      reader.gaps.push({ first: 1, last: 1, waitedMs: 0 });
      const expected = { position: 20, gaps: [{ first: 3, last: 19, waitedMs: 40 }], generation: 2 };
      expect(await it.journal.readerState()).toEqual(expected);
      await it.kill();
      expect(await it.journal.readerState()).toEqual(expected);
      expect(await it.journal.neverHappened(2)).toBe(true);
      expect(await it.journal.neverHappened(3)).toBe(false);
    });

    test("takes an id again in another generation", async () => {
      await appendIds(it.journal, [1, 2, 3]);
      expect(await appendIds(it.journal, [2, 3], [], 2)).toEqual({ firstSeq: 4, lastSeq: 5, repeated: 0 });
      expect(await it.journal.find(3)).toMatchObject({ seq: 5, generation: 2 });
      expect(await it.journal.find(1)).toMatchObject({ seq: 1, generation: 1 });
      expect(await it.journal.find(4)).toBeNull();
    });

    test("shows the newest events of a generation by id", async () => {
      await appendIds(it.journal, [1, 2, 9, 4]);
      await appendIds(it.journal, [3], [], 2);
      const found = await it.journal.newestById(1, 8, 2);
      expect(found.map(({ id }) => id)).toEqual([4, 2]);
      expect(found[0]!.event).toEqual(wireEvent(4));
      expect(await it.journal.newestById(2, 100, 10)).toHaveLength(1);
    });

    test("wakes those who wait for more", async () => {
      const never = new AbortController();
      const first = it.journal.appended(0, never.signal);
      const second = it.journal.appended(2, never.signal);
      await appendIds(it.journal, [1, 2]);
      await first;
      await it.journal.appended(1, never.signal);
      await appendIds(it.journal, [2, 3]);
      await second;
    });

    test("a wait ends with its signal's reason", async () => {
      const over = new AbortController();
      const waiting = it.journal.appended(0, over.signal);
      over.abort(new Error("enough"));
      await expect(waiting).rejects.toThrow("enough");
      await expect(it.journal.appended(0, over.signal)).rejects.toThrow("enough");
    });
  });
}
