/** What lanes inherited, through interruptions, damage and repair, and against a model. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { merged } from "../../src/id-ranges.ts";
import type { Heir, IdRange } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { appendIds, Folders, refusal } from "./support.ts";

const folders = new Folders();
afterEach(() => folders.remove());

const GAPS = [{ first: 98, last: 99 }];
const HEIRS = [heir("low", 100, [98, 99]), heir("high", 105, [102])];

function heir(id: string, lastId: number, pending: readonly number[]): Heir {
  const ranges = merged(pending.map((one) => ({ first: one, last: one })));
  return { id, path: `/plugins/${id}.ts`, name: id, had: { lastId, pending: ranges, as: "had_before" } };
}

/** A state in which both lanes are before their first event, closed. */
async function inherited(): Promise<string> {
  const folder = folders.make();
  const journal = await openSqliteJournal({ folder });
  await journal.inherit({ reader: { position: 100, gaps: GAPS }, lanes: HEIRS });
  await journal.close();
  return folder;
}

function sql(file: string, statement: string): void {
  const database = new DatabaseSync(file);
  database.exec(statement);
  database.close();
}

/** What each lane would still be given of events 96 to 108. */
async function given(folder: string): Promise<Record<string, number[]>> {
  const journal = await openSqliteJournal({ folder });
  try {
    const { position } = (await journal.readerState())!;
    expect(position).toBeLessThanOrEqual(100);
    const { lastSeq } = await appendIds(journal, [101, 102, 103, 104, 105, 106, 98]);
    const result: Record<string, number[]> = {};
    for (const { id, path, name, startSeq } of await journal.lanes()) {
      const lane = await journal.openLane({ id, path, name, startSeq });
      const { seq } = await lane.cursor();
      const { entries } = await journal.read(seq, 500);
      expect(entries.at(-1)?.seq).toBe(lastSeq);
      result[name] = entries.filter((entry) => !lane.hadBefore(entry)).map((entry) => entry.id);
    }
    return result;
  } finally {
    await journal.close();
  }
}

const RIGHT = { low: [101, 102, 103, 104, 105, 106, 98], high: [102, 106] };

test("killed between the lanes and the journal, the reader begins all the same", async () => {
  const folder = await inherited();
  sql(join(folder, "journal.sqlite"), "DELETE FROM reader");
  const journal = await openSqliteJournal({ folder });
  const gaps = GAPS.map((range) => ({ ...range, waitedMs: 0 }));
  expect(await journal.readerState()).toEqual({ position: 100, gaps, generation: 1 });
  await journal.close();
  expect(await given(folder)).toEqual(RIGHT);
});

test("the table of lanes lost: the slots tell", async () => {
  const folder = await inherited();
  rmSync(join(folder, "lanes.sqlite"));
  expect((await refusal(openSqliteJournal({ folder }))).code).toBe("STATE_CORRUPT");
  await repairState(folder);
  expect(await given(folder)).toEqual(RIGHT);
});

test("a damaged record is refused, and mended from the slot", async () => {
  const folder = await inherited();
  sql(join(folder, "lanes.sqlite"), "UPDATE inherited SET list = replace(list, '105', '900') WHERE lane = 2");
  const error = await refusal(openSqliteJournal({ folder }));
  expect(error.code).toBe("STATE_CORRUPT");
  expect(error.message).toContain("what the lane high had before does not match its checksum");
  const report = await repairState(folder);
  expect(report.lanes.map(({ note }) => note)).toEqual([
    null,
    expect.stringMatching(/^what it had had from the daemon before was read from its slot/),
  ]);
  expect(await given(folder)).toEqual(RIGHT);
});

test("the journal lost: the reader goes back to where it began, and nothing comes again", async () => {
  const folder = await inherited();
  rmSync(join(folder, "journal.sqlite"));
  const report = await repairState(folder);
  expect(report.reader).toMatchObject({ position: 100, gaps: GAPS });
  expect(await given(folder)).toEqual(RIGHT);
});

const IDS = Array.from({ length: 40 }, (_, index) => index + 1);
const estate = fc.record({
  lastId: fc.integer({ min: 5, max: 40 }),
  pending: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 8 }),
});

test("however often it is repeated: had by either is had, and nothing else is", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(estate, { minLength: 1, maxLength: 5 }),
      fc.shuffledSubarray(IDS, { minLength: 40 }),
      fc.array(fc.nat(12), { minLength: 5, maxLength: 5 }),
      async (estates, order, steps) => {
        const journal = await openSqliteJournal({ folder: folders.make() });
        const seqOf = new Map(order.map((id, at) => [id, at + 1]));
        /** By each estate: the ids that it says were had, and the cursor at that time. */
        const had: { ids: Set<number>; cursor: number }[] = [];
        let cursor = 0;
        for (const [round, { lastId, pending }] of estates.entries()) {
          const clipped = pending.filter((id) => id <= lastId);
          await journal.inherit({ reader: { position: 0, gaps: [] }, lanes: [heir("a", lastId, clipped)] });
          had.push({ ids: new Set(IDS.filter((id) => id <= lastId && !clipped.includes(id))), cursor });
          if (round === 0) await appendIds(journal, order);
          const lane = await journal.openLane({ id: "a", path: "/plugins/a.ts", name: "a", startSeq: 0 });
          cursor = Math.min(40, cursor + steps[round]!);
          await lane.advance(cursor);
        }
        const lane = await journal.openLane({ id: "a", path: "/plugins/a.ts", name: "a", startSeq: 0 });
        for (const id of IDS) {
          const seq = seqOf.get(id)!;
          // those that the lane passed before an estate came are none of its business
          const says = had.filter((one) => one.cursor < seq).some(({ ids }) => ids.has(id));
          expect(lane.hadBefore({ seq, generation: 1, id }), `event ${id}`).toBe(says);
        }
        await journal.close();
      },
    ),
    { numRuns: 40 },
  );
}, 60_000);

test("ranges that touch or overlap become one", () => {
  const ranges: IdRange[] = [
    { first: 7, last: 9 },
    { first: 1, last: 2 },
    { first: 3, last: 3 },
    { first: 8, last: 12 },
  ];
  expect(merged(ranges)).toEqual([
    { first: 1, last: 3 },
    { first: 7, last: 12 },
  ]);
});
