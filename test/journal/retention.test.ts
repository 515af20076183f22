import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Journal, LaneJournal } from "../../src/journal/journal.ts";
import { SlotWriter } from "../../src/journal/slot.ts";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import type { Log, LogFields } from "../../src/log/log.ts";
import { refuseCommits } from "./lost-commits.ts";
import { appendIds, Folders, failure, idsAfter, refusal } from "./support.ts";

const folders = new Folders();
const HOUR = 3_600_000;
const KEEP = { maxAgeMs: 24 * HOUR, maxBytes: 1e9 };
let folder: string;
let journal: Journal;
let time: number;
let told: { level: string; message: string; fields: LogFields }[];

beforeEach(async () => {
  folder = folders.make();
  time = Date.parse("2026-11-01T08:00:00Z");
  told = [];
  journal = await openSqliteJournal({ folder, log, now: () => new Date(time), cacheBytes: 0 });
});
afterEach(async () => {
  await journal.close();
  folders.remove();
});

const at =
  (level: string) =>
  (message: string, fields: LogFields = {}) =>
    void told.push({ level, message, fields });
const log: Log = {
  debug: at("debug"),
  info: at("info"),
  warn: at("warn"),
  error: at("error"),
  critical: at("critical"),
  at: (level, message, fields) => at(level)(message, fields),
  named: () => log,
};

async function fill(from: number, to: number): Promise<void> {
  for (let first = from; first <= to; first += 500) {
    const last = Math.min(to, first + 499);
    await appendIds(
      journal,
      Array.from({ length: last - first + 1 }, (_, index) => first + index),
    );
  }
}

function open(id: string, startSeq = 0): Promise<LaneJournal> {
  return journal.openLane({ id, path: `/plugins/${id}.ts`, name: id, startSeq });
}

describe("retention by age", () => {
  test("removes what is old and done with, and nothing else", async () => {
    await fill(1, 1200);
    const lane = await open("notify");
    await lane.handOver({ from: 1, to: 500, matched: [2, 1100].filter((seq) => seq <= 500) });
    await lane.advance(1100);
    time += 25 * HOUR;
    await fill(1201, 1300);
    expect(await journal.retain(KEEP)).toEqual({ removed: 1100, lost: [] });
    expect(journal.head).toMatchObject({ firstSeq: 1101, lastSeq: 1300 });
    expect((await idsAfter(journal, 0))[0]).toBe(1101);
    expect(await journal.find(1100)).toBeNull();
    expect(await journal.ledger(1100)).toEqual([]);
    expect(told).toEqual([]);
    await lane.advance(1300);
    expect(await journal.retain(KEEP)).toMatchObject({ removed: 100 });
    expect(await journal.retain(KEEP)).toMatchObject({ removed: 0 });
  });

  test("leaves nothing behind of what it removed", async () => {
    await fill(1, 5000);
    await journal.append({
      events: [],
      neverHappened: [{ first: 5001, last: 5010 }],
      reader: { position: 5010, gaps: [], generation: 1 },
    });
    const lane = await open("notify");
    await lane.handOver({ from: 1, to: 4500, matched: [5, 3000] });
    await lane.record({ kind: "failed", failure: failure(5) });
    await lane.advance(4500);
    time += 25 * HOUR;
    await fill(5011, 5100);
    await lane.advance(5000);
    await journal.retain(KEEP);
    await journal.close();
    const count = (file: string, table: string) => {
      const database = new DatabaseSync(join(folder, file));
      const { rows } = database.prepare(`SELECT count(*) AS rows FROM ${table}`).get()!;
      database.close();
      return rows;
    };
    expect(count("journal.sqlite", "event")).toBe(90);
    expect(count("journal.sqlite", "never")).toBe(0);
    expect(count("lanes.sqlite", "outcome")).toBe(0);
    // the chunk with the newest of them stays
    expect(count("lanes.sqlite", "handed")).toBe(1);
    journal = await openSqliteJournal({ folder });
  });

  test("waits for what the slot says, not only the stored cursor", async () => {
    await fill(1, 100);
    const lane = await open("notify");
    const slot = new SlotWriter(lane.slot!.file, lane.slot!.epoch);
    slot.done(40);
    slot.close();
    time += 25 * HOUR;
    expect(await journal.retain(KEEP)).toMatchObject({ removed: 40 });
  });

  test("keeps events for a lane that stopped, however old", async () => {
    await fill(1, 100);
    const lane = await open("notify");
    await lane.setState("failed", failure(10), []);
    time += 1000 * HOUR;
    expect(await journal.retain(KEEP)).toEqual({ removed: 9, lost: [] });
  });

  test("a lane whose file is gone holds events for as long as events are kept, and then it is said", async () => {
    await fill(1, 100);
    const lane = await open("gone");
    await lane.setState("absent", null);
    time += 23 * HOUR;
    expect(await journal.retain({ ...KEEP, maxAgeMs: HOUR * 23 + 1 })).toMatchObject({ removed: 0 });
    time += 2 * HOUR;
    expect(await journal.retain(KEEP)).toEqual({
      removed: 100,
      lost: [{ lane: "gone", firstSeq: 1, lastSeq: 100 }],
    });
    expect(told).toMatchObject([
      { level: "warn", fields: { code: "JOURNAL_DROPPED", plugin: "gone", first_seq: 1, last_seq: 100 } },
    ]);
  });

  test("an empty journal goes on with the next seq, also after a restart", async () => {
    await fill(1, 30);
    time += 25 * HOUR;
    expect(await journal.retain(KEEP)).toMatchObject({ removed: 30 });
    expect(journal.head).toMatchObject({ firstSeq: 31, lastSeq: 30 });
    const over = new AbortController();
    const waiting = journal.appended(0, over.signal);
    over.abort(new Error("nothing there"));
    await expect(waiting).rejects.toThrow("nothing there");
    await journal.close();
    journal = await openSqliteJournal({ folder });
    expect(journal.head).toMatchObject({ firstSeq: 31, lastSeq: 30 });
    expect(await appendIds(journal, [31])).toMatchObject({ firstSeq: 31, lastSeq: 31 });
    expect(await idsAfter(journal, 0)).toEqual([31]);
  });
});

describe("retention by size", () => {
  test("takes the oldest events, even from a lane that waits for them, and says so loudly", async () => {
    await fill(1, 4000);
    const slow = await open("slow");
    await slow.advance(1000);
    const quick = await open("quick");
    await quick.advance(4000);
    const half = journal.head.bytes / 2;
    const { removed, lost } = await journal.retain({ ...KEEP, maxBytes: half });
    expect(removed).toBeGreaterThan(1500);
    expect(removed).toBeLessThan(3000);
    expect(lost).toEqual([{ lane: "slow", firstSeq: 1001, lastSeq: removed }]);
    expect(told).toMatchObject([
      {
        level: "error",
        fields: { code: "JOURNAL_DROPPED", lane: "slow", first_seq: 1001, last_seq: removed },
      },
    ]);
    expect(await journal.ledger(removed)).toMatchObject([{ lane: "slow", outcome: "dropped" }]);
    expect(await journal.ledger(500)).toEqual([]);
    expect((await journal.read(1000, 10)).entries[0]!.seq).toBe(removed + 1);
    await journal.close();
    journal = await openSqliteJournal({ folder });
    expect(await journal.ledger(removed)).toMatchObject([{ lane: "slow", outcome: "dropped" }]);
    expect((await slowAgain()).seq).toBe(1000);
  });

  test("tells what a plugin lost, also when the disk is full before the rest is removed", async () => {
    await fill(1, 2000);
    await open("slow");
    let commits = 0;
    const mend = refuseCommits(() => {
      commits += 1;
      // the first events are told of, and removed
      return commits > 2;
    });
    const partly = await journal.retain({ ...KEEP, maxBytes: 0 }).finally(mend);
    expect(partly).toEqual({ removed: 500, lost: [{ lane: "slow", firstSeq: 1, lastSeq: 500 }] });
    expect(told).toMatchObject([{ fields: { code: "JOURNAL_DROPPED", first_seq: 1, last_seq: 500 } }]);
    const rest = await journal.retain({ ...KEEP, maxBytes: 0 });
    expect(rest).toEqual({ removed: 1500, lost: [{ lane: "slow", firstSeq: 501, lastSeq: 2000 }] });
  });

  const slowAgain = async () => (await open("slow")).cursor();

  test("a lane that was through with it loses nothing", async () => {
    await fill(1, 4000);
    const lane = await open("notify");
    await lane.advance(3990);
    const { lost } = await journal.retain({ ...KEEP, maxBytes: journal.head.bytes / 2 });
    expect(lost).toEqual([]);
    expect(told).toEqual([]);
  });

  test("the file stays bounded while events come and go", async () => {
    await fill(1, 2000);
    const maxBytes = journal.head.bytes;
    let largest = 0;
    for (let round = 1; round <= 10; round += 1) {
      await fill(2000 * round + 1, 2000 * round + 2000);
      await journal.retain({ ...KEEP, maxBytes });
      largest = Math.max(largest, journal.head.bytes);
    }
    expect(largest).toBeLessThan(maxBytes * 2.5);
    // a smaller limit gives the space back to the disk
    await journal.retain({ ...KEEP, maxBytes: maxBytes / 10 });
    expect(journal.head.bytes).toBeLessThan(maxBytes);
  });

  test("does not keep others from the journal meanwhile", async () => {
    await fill(1, 5000);
    const retaining = journal.retain({ ...KEEP, maxBytes: 0 });
    await appendIds(journal, [5001]);
    const { removed } = await retaining;
    expect(removed).toBeGreaterThanOrEqual(5000);
    await appendIds(journal, [6000]);
    expect(journal.head.lastSeq).toBe(5002);
    expect(await idsAfter(journal, 0)).toContain(6000);
  });

  test("a close ends it in between", async () => {
    await fill(1, 5000);
    const retaining = journal.retain({ ...KEEP, maxBytes: 0 });
    await journal.close();
    expect((await retaining).removed).toBeLessThan(5000);
    expect((await refusal(journal.retain(KEEP))).code).toBe("INTERNAL");
    journal = await openSqliteJournal({ folder });
    const ids = await idsAfter(journal, 0);
    expect(ids).toEqual(Array.from({ length: 5001 - ids[0]! }, (_, index) => ids[0]! + index));
  });
});
