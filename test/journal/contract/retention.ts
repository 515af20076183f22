/** How much room the journal takes, and that it gets it back. */
import { describe, expect, test } from "vitest";
import type { Subject } from "../contract.ts";
import { appendIds } from "../support.ts";

const DAY = 24 * 3_600_000;

export function retentionTests(it: Subject): void {
  describe("its size", () => {
    const size = () => it.journal.head.bytes;
    const append = async (from: number, to: number) => {
      for (let first = from; first <= to; first += 500)
        await appendIds(
          it.journal,
          Array.from({ length: Math.min(500, to - first + 1) }, (_, index) => first + index),
        );
    };

    test("grows with what is appended, and is known after a kill", async () => {
      const empty = size();
      await append(1, 500);
      const some = size();
      expect(some).toBeGreaterThan(empty + 500 * 300);
      await append(501, 2500);
      const more = size();
      expect(more).toBeGreaterThan(some + 2000 * 300);
      await it.kill();
      expect(size() / more).toBeCloseTo(1, 1);
    });

    test("falls with what is removed, so that retention keeps it in its room", async () => {
      await append(1, 4000);
      const full = size();
      const { removed } = await it.journal.retain({ maxAgeMs: DAY, maxBytes: full / 4 });
      expect(removed).toBeGreaterThan(2500);
      expect(size()).toBeLessThan(full / 2);
      await it.journal.retain({ maxAgeMs: DAY, maxBytes: full });
      expect(it.journal.head.firstSeq).toBe(removed + 1);
    });
  });
}
