/** States in which every file is readable, but they do not belong together. */
import { copyFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import type { Journal, LaneJournal } from "../../src/journal/journal.ts";
import { SlotWriter } from "../../src/journal/slot.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { appendIds, Folders, idsAfter, refusal, wireEvent, wireEvents } from "./support.ts";

const folders = new Folders();
afterEach(() => folders.remove());

function openLane(journal: Journal, id: string, startSeq = 0): Promise<LaneJournal> {
  return journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq });
}

async function fill(journal: Journal, from: number, to: number): Promise<void> {
  for (let first = from; first <= to; first += 500) {
    const events = wireEvents(first, Math.min(to, first + 499));
    const reader = { position: events.at(-1)!.id, gaps: [], generation: 1 };
    await journal.append({ events, neverHappened: [], reader });
  }
}

/** A state with a few events and one lane, closed. */
async function small(): Promise<{ folder: string; slot: string }> {
  const folder = folders.make();
  const journal = await openSqliteJournal({ folder });
  await appendIds(journal, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const lane = await openLane(journal, "notify");
  await lane.register(["one", "two"]);
  const slot = new SlotWriter(lane.slot!.file, lane.slot!.epoch);
  slot.done(6);
  slot.close();
  await journal.close();
  return { folder, slot: lane.slot!.file };
}

function withSql(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

test("a slot of a run that never was is damage", async () => {
  const { folder, slot } = await small();
  const writer = new SlotWriter(slot, 99);
  writer.done(7);
  writer.close();
  const error = await refusal(openSqliteJournal({ folder }));
  expect(error.code).toBe("STATE_CORRUPT");
  expect(error.message).toContain(slot);
  await repairState(folder);
  const journal = await openSqliteJournal({ folder });
  expect((await journal.lanes())[0]!.cursor.seq).toBe(7);
  await journal.close();
});

test("a slot beyond the journal's end is damage, and repair does not give those places out again", async () => {
  const { folder, slot } = await small();
  const writer = new SlotWriter(slot, 1);
  writer.done(25);
  writer.close();
  const error = await refusal(openSqliteJournal({ folder }));
  expect(error.code).toBe("STATE_CORRUPT");
  expect(error.message).toContain("place 25");
  const report = await repairState(folder);
  expect(report.events).toEqual({ recovered: 10, lost: [{ first: 11, last: 25 }] });
  const journal = await openSqliteJournal({ folder });
  expect(await appendIds(journal, [11])).toMatchObject({ firstSeq: 26 });
  expect(await idsAfter(journal, 0)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  await journal.close();
});

test("an older lanes.sqlite beside newer slots is damage", async () => {
  const { folder } = await small();
  const file = join(folder, "lanes.sqlite");
  const older = readFileSync(file);
  const journal = await openSqliteJournal({ folder });
  await openLane(journal, "notify");
  await journal.close();
  writeFileSync(file, older);
  const error = await refusal(openSqliteJournal({ folder }));
  expect(error.code).toBe("STATE_CORRUPT");
  expect(error.message).toContain(`${file} is damaged`);
  const report = await repairState(folder);
  expect(report.lanes).toMatchObject([{ id: "notify", seq: 6, path: "/plugins/notify.ts" }]);
  const again = await openSqliteJournal({ folder });
  expect((await openLane(again, "notify")).epoch).toBeGreaterThan(2);
  await again.close();
});

test("an older journal.sqlite beside newer lanes is damage, and nothing is skipped", async () => {
  const { folder } = await small();
  const file = join(folder, "journal.sqlite");
  const older = readFileSync(file);
  const journal = await openSqliteJournal({ folder });
  await appendIds(journal, [11, 12, 13]);
  const lane = await openLane(journal, "notify");
  await lane.advance(12);
  await journal.close();
  writeFileSync(file, older);
  expect((await refusal(openSqliteJournal({ folder }))).message).toContain("ends at place 10");
  const report = await repairState(folder);
  expect(report.reader).toMatchObject({ position: 10 });
  const again = await openSqliteJournal({ folder });
  expect((await openLane(again, "notify")).epoch).toBe(3);
  expect(await appendIds(again, [11, 12, 13])).toMatchObject({ repeated: 0 });
  await again.close();
});

test("a killed daemon's slot that was not made anew yet does not count twice", async () => {
  const { folder, slot } = await small();
  const writer = new SlotWriter(slot, 1);
  writer.begun(7, 1);
  writer.close();
  const old = readFileSync(slot);
  const journal = await openSqliteJournal({ folder });
  await openLane(journal, "notify");
  // as if it had been killed after the lease was stored, and before the slot was replaced
  writeFileSync(slot, old);
  await journal.close();
  const again = await openSqliteJournal({ folder });
  const lane = await openLane(again, "notify");
  await lane.register(["two", "one"]);
  expect(await lane.cursor()).toEqual({ seq: 6, begun: { seq: 7, finished: ["one"] } });
  await again.close();
});

test("a slot whose lane was never stored is no damage", async () => {
  const { folder, slot } = await small();
  const other = folders.make();
  const journal = await openSqliteJournal({ folder: other });
  const work = openLane(journal, "unborn");
  const unborn = join(other, "lanes", "unborn.slot");
  // the file is made first; here it is before its lane is stored
  const early = readFileSync(unborn);
  await work;
  await journal.close();
  writeFileSync(join(folder, "lanes", "unborn.slot"), early);
  const again = await openSqliteJournal({ folder });
  expect((await again.lanes()).map(({ id }) => id)).toEqual(["notify"]);
  await again.close();
  copyFileSync(slot, join(folder, "lanes", "lost.slot"));
  expect((await refusal(openSqliteJournal({ folder }))).message).toContain("lost.slot");
});

test("events that vanished from the table are noticed, at the start or when they are read", async () => {
  const { folder } = await small();
  const file = join(folder, "journal.sqlite");
  const journal = await openSqliteJournal({ folder, cacheBytes: 0 });
  withSql(file, "DELETE FROM event WHERE seq = 5");
  expect(await idsAfter(journal, 5)).toEqual([6, 7, 8, 9, 10]);
  const error = await refusal(idsAfter(journal, 0));
  expect(error.code).toBe("STATE_CORRUPT");
  expect(error.message).toContain("place 5 to 5");
  await journal.close();
  expect((await refusal(openSqliteJournal({ folder }))).message).toContain("holds 9 of the 10 events");
  const report = await repairState(folder);
  // the lane is past it: it is history that is lost, and nobody needs it to be fetched again
  expect(report).toMatchObject({ events: { lost: [{ first: 5, last: 5 }] }, reader: { position: 10 } });
});

test("a large journal that was cut off is refused at the start", async () => {
  const folder = folders.make();
  const journal = await openSqliteJournal({ folder });
  const long = "x".repeat(20_000);
  for (let first = 1; first <= 2000; first += 200) {
    const events = Array.from({ length: 200 }, (_, index) => wireEvent(first + index, { meta: { long } }));
    await journal.append({
      events,
      neverHappened: [],
      reader: { position: first + 199, gaps: [], generation: 1 },
    });
  }
  await journal.close();
  const file = join(folder, "journal.sqlite");
  const { length } = readFileSync(file);
  expect(length).toBeGreaterThan(32 * 1024 * 1024);
  truncateSync(file, length - 8192);
  const error = await refusal(openSqliteJournal({ folder }));
  expect(error.code).toBe("STATE_CORRUPT");
  expect(error.message).toContain(file);
  const report = await repairState(folder);
  expect(report.events!.recovered).toBeGreaterThan(1990);
});

test("a lost journal is fetched from where the slowest lane was, not from the beginning", async () => {
  const folder = folders.make();
  const journal = await openSqliteJournal({ folder });
  const [slow, quick] = await Promise.all([openLane(journal, "slow"), openLane(journal, "quick")]);
  for (let first = 1; first <= 8000; first += 500) {
    await fill(journal, first, first + 499);
    if (first < 3000) await slow.advance(first + 400);
    await quick.handOver({ from: first, to: first + 499, matched: [] });
    await quick.advance(first + 499);
  }
  await journal.close();
  writeFileSync(join(folder, "journal.sqlite"), "gone");
  const { reader, lanes } = await repairState(folder);
  expect(lanes.map(({ id, seq }) => [id, seq]).toSorted()).toEqual([
    ["quick", 8000],
    ["slow", 2901],
  ]);
  expect(reader!.position).toBeGreaterThan(500);
  expect(reader!.position).toBeLessThanOrEqual(2901);
});
