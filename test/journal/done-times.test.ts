import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type DoneChunk,
  type DoneMark,
  DoneTimes,
  doneBetween,
  doneChunkOf,
  marksOf,
} from "../../src/journal/done-times.ts";

const BEGIN = 1_790_000_000_000;
/** Reports of a host: so many events further, so many ms later. */
const reports = fc.array(fc.tuple(fc.integer({ min: 1, max: 700 }), fc.integer({ min: 0, max: 4000 })), {
  minLength: 1,
  maxLength: 60,
});

/** What a journal would keep. */
class Stored {
  readonly chunks = new Map<number, DoneChunk>();
  readonly lane = new DoneTimes(null);

  take(chunks: readonly DoneChunk[]): void {
    for (const chunk of chunks) this.chunks.set(chunk.number, chunk);
  }

  between(seq: number) {
    const all = [...this.chunks.values()].toSorted((a, b) => a.number - b.number);
    const near = all.filter(({ number }) => number <= doneChunkOf(seq)).slice(-2);
    const next = all.find(({ number }) => number > doneChunkOf(seq));
    return doneBetween(seq, next ? [...near, next] : near, this.lane.fresh);
  }
}

function marked(all: readonly (readonly [number, number])[]): DoneMark[] {
  let mark: DoneMark = { seq: 0, at: BEGIN };
  return all.map(([events, ms]) => {
    mark = { seq: mark.seq + events, at: mark.at + ms };
    return mark;
  });
}

describe("times that are kept now and then", () => {
  test("hold the true time of every event, and are seldom wider than the reports and a second", () => {
    fc.assert(
      fc.property(reports, (all) => {
        const stored = new Stored();
        const marks = marked(all);
        for (const mark of marks) stored.take(stored.lane.reached(mark));
        for (const [index, mark] of marks.entries()) {
          const began = marks[index - 1]?.at ?? null;
          const { after, before } = stored.between(mark.seq);
          // finished after the report before, and not after its own
          expect(before).toBeGreaterThanOrEqual(mark.at);
          if (after !== null) expect(after).toBeLessThanOrEqual(began!);
          expect(before! - mark.at).toBeLessThan(1000);
          if (began !== null && after !== null) expect(began - after).toBeLessThan(1000);
        }
      }),
    );
  });

  test("are at most two for each second that passed", () => {
    fc.assert(
      fc.property(reports, (all) => {
        const stored = new Stored();
        const marks = marked(all);
        for (const mark of marks) stored.take(stored.lane.reached(mark));
        const seconds = (marks.at(-1)!.at - marks[0]!.at) / 1000;
        const kept = [...stored.chunks.values()].flatMap(marksOf);
        expect(kept.length).toBeLessThanOrEqual(2 + 2 * seconds);
      }),
    );
  });

  test("are read as they were written, whatever a clock does", () => {
    const clocks = fc.array(fc.tuple(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: -1e9, max: 1e9 })));
    fc.assert(
      fc.property(clocks, (all) => {
        const stored = new Stored();
        const kept: DoneMark[] = [];
        for (const mark of marked(all)) {
          stored.take(stored.lane.reached(mark));
          stored.take(stored.lane.rest());
          kept.push(mark);
        }
        expect([...stored.chunks.values()].flatMap(marksOf)).toEqual(kept);
        const [last] = [...stored.chunks.values()].slice(-1);
        if (last) expect(new DoneTimes(last).reached({ seq: 1, at: 0 })).toEqual([]);
      }),
    );
  });

  test("take a few bytes", () => {
    const stored = new Stored();
    for (let seq = 512; seq < 1024; seq += 1)
      stored.take(stored.lane.reached({ seq, at: BEGIN + seq * 1003 }));
    expect(stored.chunks.get(1)!.bytes.length).toBeLessThan(512 * 3.1 + 10);
  });
});
