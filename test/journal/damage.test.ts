import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openSqliteJournal } from "../../src/journal/sqlite/open.ts";
import { repairState } from "../../src/journal/sqlite/repair.ts";
import { describeRepair } from "../../src/journal/sqlite/salvage/report.ts";
import { cut, damaged, flipped, makeState, positions, type Truth, type Verdict } from "./damage-model.ts";
import { appendIds, Folders, idsAfter, refusal } from "./support.ts";

const folders = new Folders();
/** As a kill left it, with its logs; and closed in order. */
const states = { killed: "", closed: "" };
let truth: Truth;

beforeAll(async () => {
  const folder = join(folders.make(), "state");
  const state = await makeState(folder);
  truth = state.truth;
  states.killed = folders.killedCopy(folder);
  await state.close();
  states.closed = folders.killedCopy(folder);
});
afterAll(() => folders.remove());

const FILES = [
  ["killed", "journal.sqlite"],
  ["killed", "journal.sqlite-wal"],
  ["killed", "lanes.sqlite"],
  ["killed", "lanes.sqlite-wal"],
  ["killed", "lanes/ahead.slot"],
  ["closed", "journal.sqlite"],
  ["closed", "lanes.sqlite"],
  ["closed", "lanes/behind.slot"],
] as const;
const CUTS = 10;
const FLIPS = 16;
/** Of a page of 8192 bytes. */
const EVENTS_A_PAGE = 30;

describe("a damaged state is right, or refused and repaired with nothing skipped", () => {
  test("undamaged ones are right", async () => {
    expect((await damaged(folders, states.killed, truth, () => {})).outcome).toBe("right");
    expect((await damaged(folders, states.closed, truth, () => {})).outcome).toBe("right");
  });

  test.each(FILES)(
    "%s: %s cut off",
    async (state, name) => {
      const file = join(states[state], name);
      for (const at of positions(file, CUTS)) {
        await damaged(folders, states[state], truth, (folder) => cut(join(folder, name), at));
      }
      folders.removeAllBut(states);
    },
    120_000,
  );

  test.each(FILES)(
    "%s: a byte of %s flipped",
    async (state, name) => {
      const file = join(states[state], name);
      for (const at of positions(file, FLIPS)) {
        const verdict = await damaged(folders, states[state], truth, (folder) =>
          flipped(join(folder, name), at),
        );
        expectLittleLost(verdict, name, at);
      }
      folders.removeAllBut(states);
    },
    120_000,
  );

  test.each([
    ["journal.sqlite"],
    ["journal.sqlite", "journal.sqlite-wal"],
    ["journal.sqlite-wal"],
    ["lanes.sqlite-wal"],
    ["lanes.sqlite"],
    ["lanes.sqlite", "lanes.sqlite-wal"],
    ["lanes/ahead.slot"],
    ["lanes/ahead.slot", "lanes/behind.slot", "lanes/fresh.slot", "lanes/quiet.slot"],
    ["journal.sqlite", "journal.sqlite-wal", "lanes/ahead.slot"],
    ["journal.sqlite", "lock.owner"],
    ["lanes.sqlite", "lock.owner", "lanes.sqlite-wal"],
  ])("%s %s deleted", async (...names) => {
    const verdict = await damaged(folders, states.killed, truth, (folder) => {
      for (const name of names) rmSync(join(folder, name));
    });
    expect(verdict.outcome).toBe("repaired");
  });

  test("the lock and the name of its owner may go", async () => {
    for (const name of ["lock", "lock.owner"]) {
      const verdict = await damaged(folders, states.closed, truth, (folder) => rmSync(join(folder, name)));
      expect(verdict.outcome).toBe("right");
    }
  });

  test("a lock file with something in it", async () => {
    const verdict = await damaged(folders, states.closed, truth, (folder) =>
      writeFileSync(join(folder, "lock"), Buffer.alloc(5000, "x")),
    );
    expect(verdict.outcome).toBe("repaired");
  });
});

/** A single byte costs at most what stands on its page. */
function expectLittleLost({ report }: Verdict, name: string, at: number): void {
  const lost = (report?.events?.lost ?? []).reduce((sum, { first, last }) => sum + last - first + 1, 0);
  expect(lost, `events lost by byte ${at} of ${name}`).toBeLessThanOrEqual(EVENTS_A_PAGE);
}

describe("repair", () => {
  const LAST = () => truth.ids.length - 1;

  test("keeps the damaged file, byte for byte, and says what it did", async () => {
    const folder = folders.killedCopy(states.closed);
    const file = join(folder, "journal.sqlite");
    flipped(file, 8192 * 9 + 4000);
    const before = readFileSync(file);
    const report = await repairState(folder);
    expect(report.damaged.map((entry) => entry.file)).toEqual([file]);
    expect(readFileSync(report.damaged[0]!.keptAs!)).toEqual(before);
    const { recovered, lost } = report.events!;
    expect(lost).toHaveLength(1);
    const [{ first, last }] = lost as [{ first: number; last: number }];
    expect(recovered).toBe(LAST() - (last - first + 1));
    expect(report.lanes.map(({ id, seq, note }) => [id, seq, note])).toEqual(
      [...truth.cursors].map(([id, seq]) => [id, seq, null]),
    );
    const text = describeRepair(report).join("\n");
    expect(text).toContain(`${recovered} events of the journal were recovered`);
    expect(text).toContain(file);
    expect(await sound(folder)).toBe(true);
  });

  test("the journal refuses a read across damage that the start did not see", async () => {
    const folder = folders.make();
    const journal = await openSqliteJournal({ folder, cacheBytes: 0 });
    // more than SQLite keeps in memory
    for (let first = 1; first < 10_000; first += 500) {
      await appendIds(
        journal,
        Array.from({ length: 500 }, (_, index) => first + index),
      );
    }
    flipped(join(folder, "journal.sqlite"), 8192 * 20 + 4000);
    const error = await refusal(idsAfter(journal, 0));
    expect(error.code).toBe("STATE_CORRUPT");
    await journal.close();
  });

  test("what is fetched anew is marked for the lanes that may have had it, and for none that was before all of it", async () => {
    const folder = folders.killedCopy(states.closed);
    cut(join(folder, "journal.sqlite"), 8192 * 4);
    const { events } = await repairState(folder);
    const lost = events!.lost.reduce((sum, { first, last }) => sum + last - first + 1, 0);
    const first = events!.lost[0]!.first;
    const journal = await openSqliteJournal({ folder });
    const { lastSeq } = journal.head;
    for (const { id, cursor } of await journal.lanes()) {
      if (truth.cursors.get(id)! < first) expect(cursor.doubtfulTo ?? 0).toBeLessThanOrEqual(lastSeq);
      else expect(cursor.doubtfulTo).toBeGreaterThanOrEqual(lastSeq + lost);
    }
    await journal.close();
  });

  test("a lane that lost its row goes on by its slot", async () => {
    const folder = folders.killedCopy(states.closed);
    writeFileSync(join(folder, "lanes.sqlite"), Buffer.alloc(statSync(join(folder, "lanes.sqlite")).size));
    const report = await repairState(folder);
    expect(report.events).toBeNull();
    expect(report.lanes.map(({ id, seq, path }) => [id, seq, path]).toSorted()).toEqual(
      [...truth.cursors].map(([id, seq]) => [id, seq, `/plugins/${id}.ts`]).toSorted(),
    );
    expect(report.lanes.every(({ note }) => note?.includes("its row was lost"))).toBe(true);
  });

  test("a lane that lost its row and its name goes on by the name of its slot, from the beginning if need be", async () => {
    const folder = folders.killedCopy(states.killed);
    for (const name of ["lanes.sqlite", "lanes.sqlite-wal"]) rmSync(join(folder, name));
    flipped(join(folder, "lanes/ahead.slot"), 90);
    flipped(join(folder, "lanes/behind.slot"), 90);
    const report = await repairState(folder);
    expect(report.lanes.find(({ id }) => id === "ahead")).toMatchObject({ seq: 590, path: "/lost/ahead.ts" });
    // not written since its slot was made
    const behind = report.lanes.find(({ id }) => id === "behind");
    expect(behind).toMatchObject({ seq: 0, path: "/lost/behind.ts" });
    expect(behind!.note).toContain("does not say in which folder");
    expect(await sound(folder)).toBe(true);
  });

  test("with nothing left of the journal, lanes go on and the reader goes back to a place all were through with", async () => {
    const folder = folders.killedCopy(states.closed);
    rmSync(join(folder, "journal.sqlite"));
    const report = await repairState(folder);
    expect(report.reader).not.toBeNull();
    expect(report.lanes.map(({ id, seq }) => [id, seq])).toEqual([...truth.cursors]);
    const journal = await openSqliteJournal({ folder });
    // nobody spins on places that have no events
    const over = new AbortController();
    const waiting = journal.appended(130, over.signal);
    over.abort(new Error("nothing yet"));
    await expect(waiting).rejects.toThrow("nothing yet");
    expect((await journal.read(130, 500)).entries).toEqual([]);
    expect(journal.head.lastSeq).toBe(Math.max(...truth.cursors.values()));
    await journal.close();
  });

  test("with both databases gone, plugins are known, and it says that the beginning must be chosen", async () => {
    const folder = folders.killedCopy(states.closed);
    for (const name of ["journal.sqlite", "lanes.sqlite"]) rmSync(join(folder, name));
    const report = await repairState(folder);
    expect(report.reader).toBeNull();
    expect(describeRepair(report).join("\n")).toContain("Set it to an event id or a date before the damage");
    const journal = await openSqliteJournal({ folder });
    expect((await journal.lanes()).map(({ path, cursor }) => [path, cursor.seq])).toHaveLength(4);
    await journal.close();
  });

  test("one that was interrupted is finished by the next", async () => {
    const folder = folders.killedCopy(states.closed);
    const broken = folders.killedCopy(states.closed);
    flipped(join(broken, "journal.sqlite"), 8192 * 9 + 4000);
    await repairState(broken);
    // as if it had been killed after the new file was ready, and before it was put in place
    writeFileSync(join(folder, "journal.sqlite.repaired"), readFileSync(join(broken, "journal.sqlite")));
    rmSync(join(folder, "journal.sqlite"));
    writeFileSync(join(folder, "lanes.sqlite.repairing"), "half");
    await repairState(folder);
    expect(readdirSync(folder).filter((name) => name.includes("repair"))).toEqual([]);
    expect(await sound(folder)).toBe(true);
  });

  test("leaves a sound state alone, and is refused while a daemon runs", async () => {
    const folder = folders.killedCopy(states.closed);
    const before = readFileSync(join(folder, "journal.sqlite"));
    expect(describeRepair(await repairState(folder))).toEqual(["The state is sound; nothing was changed."]);
    expect(readFileSync(join(folder, "journal.sqlite"))).toEqual(before);
    expect(readdirSync(folder).filter((name) => name.startsWith("damaged"))).toEqual([]);
    const journal = await openSqliteJournal({ folder });
    expect((await refusal(repairState(folder))).code).toBe("STATE_LOCKED");
    await journal.close();
  });

  test("a folder without a state is told as such", async () => {
    const folder = folders.make();
    expect((await refusal(repairState(folder))).code).toBe("STATE_UNUSABLE");
    expect(existsSync(join(folder, "lock"))).toBe(false);
  });

  async function sound(folder: string): Promise<boolean> {
    await (await openSqliteJournal({ folder })).close();
    return (await repairState(folder)).damaged.length === 0;
  }
});
