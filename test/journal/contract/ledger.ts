import { describe, expect, test } from "vitest";
import type { Subject } from "../contract.ts";
import { appendIds, failure, hostOf } from "../support.ts";

export function ledgerTests(it: Subject): void {
  describe("the ledger", () => {
    const outcomes = async (id: number) =>
      Object.fromEntries((await it.journal.ledger(id)).map(({ lane, outcome }) => [lane, outcome]));

    test("accounts for every event and lane", async () => {
      await appendIds(it.journal, [101, 102, 103, 104, 105, 106, 107, 108, 109, 110]);
      await it.journal.append({
        events: [],
        neverHappened: [{ first: 90, last: 99 }],
        reader: { position: 110, gaps: [], generation: 1 },
      });
      const lane = await it.open("notify");
      const late = await it.open("late", 5);
      await lane.handOver({ from: 1, to: 6, matched: [1, 3, 4, 6] });
      await lane.record({ kind: "failed", failure: failure(3) });
      await lane.record({ kind: "skipped", failure: failure(4) });
      const slot = hostOf(lane);
      await slot.done(4);
      slot.close();
      await lane.advance(5);
      await lane.setState("active", null);
      await late.advance(6);
      await late.handOver({ from: 7, to: 10, matched: [] });
      await it.kill();
      expect(await outcomes(101)).toEqual({ notify: "delivered", late: "before_start" });
      expect(await outcomes(102)).toEqual({ notify: "filtered", late: "before_start" });
      expect(await outcomes(103)).toEqual({ notify: "failed", late: "before_start" });
      expect(await outcomes(104)).toEqual({ notify: "skipped", late: "before_start" });
      expect(await outcomes(105)).toEqual({ notify: "filtered", late: "before_start" });
      expect(await outcomes(106)).toEqual({ notify: "waiting", late: "filtered" });
      expect(await outcomes(95)).toEqual({ notify: "never_happened", late: "never_happened" });
      expect(await outcomes(7)).toEqual({});
      expect((await it.journal.ledger(103))[0]).toMatchObject({ name: "notify", failures: [failure(3)] });
    });

    test("a lane that stopped at an event says so until it is past it", async () => {
      await appendIds(it.journal, [1, 2]);
      const lane = await it.open();
      await lane.handOver({ from: 1, to: 2, matched: [1, 2] });
      await lane.setState("failed", failure(1), []);
      expect(await it.journal.ledger(1)).toMatchObject([{ outcome: "failed", failures: [failure(1)] }]);
      expect(await outcomes(2)).toEqual({ notify: "waiting" });
      await lane.setState("active", null);
      expect(await outcomes(1)).toEqual({ notify: "waiting" });
      await lane.advance(1);
      expect(await outcomes(1)).toEqual({ notify: "delivered" });
    });

    test("counts failures by what is the same trouble, however many there are", async () => {
      await appendIds(it.journal, [1, 2, 3]);
      const [notify, sync] = [await it.open("notify"), await it.open("sync")];
      const at = (second: number) => new Date(Date.UTC(2026, 10, 1, 8, 0, second)).toISOString();
      const trouble = (seq: number, message: string, second: number) => ({
        kind: "failed" as const,
        failure: { ...failure(seq), message, stack: null, at: at(second) },
      });
      const flood = Array.from({ length: 2500 }, (_, second) =>
        notify.record(trouble(1, `Shot ${second} is gone`, second)),
      );
      await Promise.all(flood);
      await notify.record(trouble(2, "no route to the mail server", 3000));
      await notify.record({ ...trouble(2, "not ready", 3001), kind: "skipped" });
      await sync.record(trouble(3, "no route to the mail server", 3002));
      await it.kill();
      const groups = await it.journal.failureGroups(10);
      expect(groups.map(({ name, count, firstAt, newest }) => [name, count, firstAt, newest.length])).toEqual(
        [
          ["sync", 1, at(3002), 1],
          ["notify", 1, at(3000), 1],
          ["notify", 2500, at(0), 10],
        ],
      );
      expect(groups[2]!.newest[0]).toMatchObject({ message: "Shot 2499 is gone", at: at(2499) });
      expect(new Set(groups.map(({ fingerprint }) => fingerprint)).size).toBe(3);
      expect((await it.journal.failureGroups(1)).map(({ name }) => name)).toEqual(["sync"]);
    });

    test("a run handed over again counts as the last time", async () => {
      await appendIds(it.journal, [1, 2, 3, 4]);
      const lane = await it.open();
      await lane.handOver({ from: 1, to: 4, matched: [1, 2, 3] });
      await lane.handOver({ from: 2, to: 4, matched: [4] });
      await lane.advance(4);
      const found = await Promise.all([1, 2, 3, 4].map(outcomes));
      expect(found.map(({ notify }) => notify)).toEqual(["delivered", "filtered", "filtered", "delivered"]);
    });
  });
}
