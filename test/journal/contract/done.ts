import { describe, expect, test } from "vitest";
import type { Subject } from "../contract.ts";
import { appendIds, hostOf } from "../support.ts";

const BY = { by: "ada", why: "", at: "2026-11-01T09:00:00.000Z" };
const SECOND = 1000;

export function doneTests(it: Subject): void {
  describe("when an event was finished", () => {
    const when = async (seq: number) => (await it.journal.whenDone({ seq })).get("notify");

    /** Events 1 to 9, handed over and finished. @returns a moment after they were appended */
    async function delivered() {
      await appendIds(it.journal, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
      const lane = await it.open();
      await lane.handOver({ from: 1, to: 9, matched: [1, 2, 3, 4, 5, 6, 7, 8, 9] });
      const host = hostOf(lane);
      await host.done(9);
      host.close();
      return { lane, now: Date.now() + SECOND };
    }

    test("is known to a second, and from what came before it", async () => {
      const { lane, now } = await delivered();
      lane.reached({ seq: 2, at: now });
      lane.reached({ seq: 3, at: now + 300 });
      lane.reached({ seq: 5, at: now + 900 });
      lane.reached({ seq: 7, at: now + SECOND });
      const { after, before } = (await when(1))!;
      expect(after).toBeGreaterThan(now - 60 * SECOND);
      expect(after).toBeLessThanOrEqual(now);
      expect(before).toBe(now);
      for (const seq of [3, 4, 5]) expect(await when(seq)).toEqual({ after: now, before: now + 900 });
      for (const seq of [6, 7]) expect(await when(seq)).toEqual({ after: now + 900, before: now + SECOND });
    });

    test("is not made wide by a pause", async () => {
      const { lane, now } = await delivered();
      lane.reached({ seq: 2, at: now });
      lane.reached({ seq: 4, at: now + 500 });
      lane.reached({ seq: 9, at: now + 3600 * SECOND });
      expect(await when(4)).toEqual({ after: now, before: now + 500 });
      expect(await when(5)).toEqual({ after: now + 500, before: now + 3600 * SECOND });
    });

    test("is known of the newest, and of a daemon that was killed", async () => {
      const { lane, now } = await delivered();
      lane.reached({ seq: 2, at: now });
      lane.reached({ seq: 9, at: now + 10 });
      expect(await when(9)).toEqual({ after: now, before: now + 10 });
      // what is stored takes the times with it
      await lane.setPaused(null);
      await it.kill();
      expect((await when(2))?.before).toBe(now);
      await it.open();
      expect((await when(2))?.before).toBe(now);
    });

    test("is not told of what is not finished, nor by a clock that was set back", async () => {
      await appendIds(it.journal, [1, 2, 3]);
      const lane = await it.open();
      await lane.advance(2);
      const now = Date.now() + 100 * SECOND;
      lane.reached({ seq: 1, at: now });
      lane.reached({ seq: 2, at: now - 50 * SECOND });
      expect(await when(3)).toBeUndefined();
      const { after, before } = (await when(2))!;
      expect(before).toBe(now - 50 * SECOND);
      expect(after).toBeLessThan(before!);
    });

    test("is forgotten of what an operator gives again, and the new time counts", async () => {
      const { lane, now } = await delivered();
      lane.reached({ seq: 5, at: now });
      lane.reached({ seq: 9, at: now + SECOND });
      expect(await lane.moveCursor({ from: 9, to: 3 }, BY)).toBe(true);
      expect(await when(4)).toBeUndefined();
      const again = Date.now() + 10 * SECOND;
      await lane.advance(9);
      lane.reached({ seq: 9, at: again });
      const { after, before } = (await when(4))!;
      expect(before).toBe(again);
      expect(after).toBeGreaterThan(now - 10 * SECOND);
      await lane.setPaused(null);
      await it.kill();
      expect((await when(4))?.before).toBe(again);
    });

    test("goes with the events", async () => {
      const { lane, now } = await delivered();
      lane.reached({ seq: 2, at: now });
      lane.reached({ seq: 9, at: now + SECOND });
      await it.journal.retain({ maxAgeMs: 0, maxBytes: 1e9 }, new Date(now + 10 * SECOND));
      await lane.setPaused(null);
      expect(await it.journal.find(2)).toBe(null);
      // a chunk is kept as long as one event of it
      expect((await when(9))?.before).toBe(now + SECOND);
    });
  });
}
