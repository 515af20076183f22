/** Which events a replay reads, and from where. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { PastEvents } from "../../../src/daemon/replay/past-events.ts";
import type { WireEvent } from "../../../src/event.ts";
import { without } from "../../../src/id-ranges.ts";
import type { IdRange } from "../../../src/journal/journal.ts";
import { openSqliteJournal } from "../../../src/journal/sqlite/open.ts";
import { wireEvent } from "../../journal/support.ts";
import { temporaryFolder } from "../rig.ts";

const ids = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 40 });

/** A site that has these events, and keeps what it was asked for. */
function siteWith(events: ReadonlySet<number>) {
  const asked = new Set<number>();
  return {
    asked,
    async within(ranges: readonly IdRange[], limit: number): Promise<WireEvent[]> {
      const wanted = ranges.flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, i) => first + i),
      );
      for (const id of wanted) asked.add(id);
      return wanted
        .filter((id) => events.has(id))
        .sort((a, b) => a - b)
        .slice(0, limit)
        .map((id) => wireEvent(id));
    },
  };
}

it("has every event of the range once, by id, and asks the site only for what nobody knows", async () => {
  await fc.assert(
    fc.asyncProperty(
      ids,
      ids,
      ids,
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 1, max: 7 }),
      async (held, onSite, neverIds, first, length, limit) => {
        const never = neverIds.filter((id) => !held.includes(id) && !onSite.includes(id));
        const journal = await openSqliteJournal({ folder: temporaryFolder() });
        try {
          await journal.append({
            events: held.map((id) => wireEvent(id)),
            neverHappened: never.map((id) => ({ first: id, last: id })),
            reader: { position: 60, gaps: [], generation: 1 },
          });
          const range = { first, last: first + length };
          const site = siteWith(new Set([...held, ...onSite]));
          const { signal } = new AbortController();
          const past = new PastEvents({ journal, site, range, signal, onEnd: () => {} });
          const read: number[] = [];
          for (let after = 0; ; ) {
            const { entries, bytes } = await past.read(after, limit);
            if (entries.length === 0) break;
            expect(entries.length).toBeLessThanOrEqual(limit);
            for (const { id, seq, start, end } of entries) {
              expect(JSON.parse(new TextDecoder().decode(bytes.subarray(start, end))).id).toBe(id);
              expect(seq).toBe(id);
              read.push(id);
            }
            after = entries.at(-1)!.seq;
          }
          const within = (id: number) => first <= id && id <= range.last;
          const all = [...new Set([...held, ...onSite])].filter(within).sort((a, b) => a - b);
          expect(read).toEqual(all);
          expect([...held, ...never].filter((id) => site.asked.has(id))).toEqual([]);
        } finally {
          await journal.close();
        }
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

it("takes ranges away from a range", () => {
  const range = fc.record({ first: fc.integer({ min: 0, max: 30 }), length: fc.integer({ min: 0, max: 9 }) });
  const setOf = (ranges: readonly IdRange[]) =>
    new Set(
      ranges.flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, i) => first + i)),
    );
  fc.assert(
    fc.property(range, fc.array(range, { maxLength: 6 }), ({ first, length }, given) => {
      const others: IdRange[] = [];
      for (const one of given.toSorted((a, b) => a.first - b.first)) {
        const next = { first: one.first, last: one.first + one.length };
        if (others.length === 0 || next.first > others.at(-1)!.last) others.push(next);
      }
      const whole = { first, last: first + length };
      const left = without(whole, others);
      const taken = setOf(others);
      expect([...setOf(left)]).toEqual([...setOf([whole])].filter((id) => !taken.has(id)));
    }),
  );
});
